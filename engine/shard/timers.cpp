#include "engine/shard/timers.h"

#include <algorithm>

#include "engine/base/encoding.h"

namespace slipstream {

std::string Timers::key_of(const Entry& timer) const {
  std::string key = prefix_;
  append_timestamp(key, timer.first);
  key += timer.second;
  return key;
}

void Timers::apply_near(const Change& change) {
  if (!is_near(change.timer.first)) return;
  if (change.set) {
    near_.insert(change.timer);
  } else {
    near_.erase(change.timer);
  }
}

void Timers::note(Entry timer, bool set) { apply_near(changes_.emplace_back(Change{std::move(timer), set})); }

void Timers::set(Timestamp at, const std::string& entity) {
  if (at == Timestamp::max()) return;
  note({at, entity}, true);
  forget_far();
}

void Timers::cancel(Timestamp at, const std::string& entity) {
  if (at == Timestamp::max()) return;
  note({at, entity}, false);
}

Result<> Timers::load_more() {
  const Timestamp known_until = horizon_;
  std::size_t loaded = 0;
  bool stopped = false;
  SLIPSTREAM_TRY(
      store_->scan(family_, load_from_, prefix_end(prefix_), [&](std::string_view key, std::string_view) {
        ByteReader in(key.substr(prefix_.size()));
        Timestamp at;
        if (!in.read_timestamp(at)) return true;
        // Only whole instants are loaded, so that the horizon cuts between two of them.
        stopped = loaded >= near_max_ && at > horizon_;
        if (stopped) return false;
        horizon_ = at;
        ++loaded;
        near_.emplace(at, in.rest());
        return true;
      }));
  all_loaded_ = !stopped;
  forget_above_ = 2 * std::max(near_max_, near_.size());
  if (stopped) {
    horizon_ = horizon_ + microseconds(1);
    // Not from after the last one: another of its instant may yet be set, and sealed.
    load_from_ = key_of({horizon_, ""});
  }
  // The store has none of these yet; those before known_until are near_ already.
  for (const Change& change : changes_)
    if (change.timer.first >= known_until) apply_near(change);
  forget_far();
  return {};
}

Result<Timestamp> Timers::next() {
  while (near_.empty() && !all_loaded_)
    SLIPSTREAM_TRY(load_more());
  return near_.empty() ? Timestamp::max() : near_.begin()->first;
}

Result<std::optional<std::pair<Timestamp, std::string>>> Timers::pop_due(Timestamp now) {
  SLIPSTREAM_ASSIGN(const Timestamp earliest, next());
  if (near_.empty() || earliest > now) return std::optional<Entry>();
  Entry due = *near_.begin();
  note(due, false);
  return std::optional(std::move(due));
}

void Timers::seal(StateBatch& batch) {
  const auto same = [](const Change& a, const Change& b) { return a.timer == b.timer; };
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.timer < b.timer; });
  for (auto change = changes_.begin(); change != changes_.end(); ++change) {
    if (std::next(change) != changes_.end() && same(*change, *std::next(change)))
      continue;  // the last one counts
    batch.push_back(
        {family_, key_of(change->timer), change->set ? std::optional<std::string_view>("") : std::nullopt});
  }
  changes_.clear();
}

void Timers::forget_far() {
  if (near_.size() <= forget_above_) return;
  const Timestamp after_earliest = near_.begin()->first + microseconds(1);
  const Entry first_forgotten{std::max(std::next(near_.begin(), near_max_)->first, after_earliest), ""};
  if (const auto far = near_.lower_bound(first_forgotten); far != near_.end()) {
    near_.erase(far, near_.end());
    horizon_ = first_forgotten.first;
    load_from_ = key_of(first_forgotten);
    all_loaded_ = false;
  }
  // Where a whole town's tasks are due at one instant there is nothing to forget: not to be tried at each of them.
  forget_above_ = 2 * std::max(near_max_, near_.size());
}

}  // namespace slipstream
