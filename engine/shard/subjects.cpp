#include "engine/shard/subjects.h"

#include <algorithm>

#include "engine/base/encoding.h"

namespace slipstream {
namespace {

constexpr std::string_view kJudged = "1", kChanged = "2";

bool is_before(const Subject* a, const Subject* b) {
  return a->view != b->view ? a->view < b->view : a->node < b->node;
}

std::optional<std::uint32_t> index_of_view(const Plan& plan, std::uint32_t id) {
  for (std::uint32_t i = 0; i < plan.views.size(); ++i)
    if (plan.views[i].id.value == id) return i;
  return std::nullopt;
}

auto place_of(const std::vector<std::pair<std::size_t, Timestamp>>& due, std::size_t alert) {
  return std::lower_bound(due.begin(), due.end(), alert,
                          [](const auto& each, std::size_t wanted) { return each.first < wanted; });
}

}  // namespace

void Subject::add_slice(Timestamp slice) {
  if (slices.empty() || slices.back() < slice) {
    slices.push_back(slice);
    return;
  }
  const auto place = std::lower_bound(slices.begin(), slices.end(), slice);
  if (*place != slice) slices.insert(place, slice);
}

std::optional<Timestamp> Subject::due_of(std::size_t alert) const {
  const auto place = place_of(due, alert);
  if (place == due.end() || place->first != alert) return std::nullopt;
  return place->second;
}

void Subject::set_due(std::size_t alert, Timestamp at) {
  const auto place = due.begin() + (place_of(due, alert) - due.begin());
  if (place != due.end() && place->first == alert) {
    place->second = at;
  } else {
    due.emplace(place, alert, at);
  }
}

Timestamp Subject::first_due() const {
  Timestamp first = Timestamp::max();
  for (const auto& [alert, at] : due)
    first = std::min(first, at);
  return first;
}

Result<> Subjects::open(const StateReader& store) {
  return store.scan(Family::alerts, "s", "t", [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(1));
    std::uint32_t id = 0;
    if (!in.read_u32(id)) return true;
    const auto view = index_of_view(plan_, id);
    if (!view) return true;
    Subject& subject = find_or_add(*view, in.rest());
    subject.stored = value == kChanged ? Subject::Mark::changed : Subject::Mark::judged;
    if (value == kChanged) mark_changed(subject);
    return true;
  });
}

Subject* Subjects::find(std::uint32_t view, std::string_view node) const {
  const auto subjects = views_.find(view);
  if (subjects == views_.end()) return nullptr;
  const auto found = subjects->second.find(node);
  return found == subjects->second.end() ? nullptr : found->second.get();
}

Subject& Subjects::add(std::uint32_t view, std::string_view node) {
  auto subject = std::make_unique<Subject>(view, node);
  Subject& added = *subject;
  views_[view].emplace(std::string_view(added.node), std::move(subject));
  return added;
}

Subject& Subjects::find_or_add(std::uint32_t view, std::string_view node) {
  Subject* known = find(view, node);
  return known != nullptr ? *known : add(view, node);
}

void Subjects::mark(Subject& subject) {
  if (subject.is_marked) return;
  subject.is_marked = true;
  marked_.push_back(&subject);
}

void Subjects::mark_changed(Subject& subject) {
  if (subject.changed) return;
  subject.changed = true;
  changed_.push_back(&subject);
  mark(subject);
}

void Subjects::settle_changes() {
  for (Subject* subject : changed_) {
    subject->changed = false;
    subject->cause.reset();
    mark(*subject);
  }
  changed_.clear();
}

void Subjects::seal(StateBatch& batch) {
  std::erase_if(marked_, [](Subject* subject) {
    subject->is_marked = false;
    const Subject::Mark mark = subject->changed ? Subject::Mark::changed : Subject::Mark::judged;
    return std::exchange(subject->stored, mark) == mark;
  });
  std::sort(marked_.begin(), marked_.end(), is_before);
  std::string key;
  for (const Subject* subject : marked_) {
    key = "s";
    append_u32(key, plan_.views[subject->view].id.value);
    key += subject->node;
    batch.push_back({Family::alerts, key, subject->stored == Subject::Mark::changed ? kChanged : kJudged});
  }
  marked_.clear();
}

void Subjects::enqueue(Subject& subject) {
  const Timestamp at = subject.first_due();
  if (at >= subject.queued_at) return;  // it is looked at when that entry's time comes
  subject.queued_at = at;
  queue_.push({at, &subject});
}

std::vector<Subject*> Subjects::take_due(Timestamp now) {
  std::vector<Subject*> due = changed_;
  while (!queue_.empty() && queue_.top().at <= now) {
    const Queued first = queue_.top();
    queue_.pop();
    if (is_stale(first)) continue;
    first.subject->queued_at = Timestamp::max();
    if (!first.subject->changed) due.push_back(first.subject);
  }
  std::sort(due.begin(), due.end(), is_before);
  return due;
}

Timestamp Subjects::next_due() {
  while (!queue_.empty()) {
    const Queued first = queue_.top();
    if (!is_stale(first) && first.subject->first_due() <= first.at) return first.at;
    queue_.pop();
    if (is_stale(first)) continue;
    first.subject->queued_at = Timestamp::max();
    enqueue(*first.subject);
  }
  return Timestamp::max();
}

}  // namespace slipstream
