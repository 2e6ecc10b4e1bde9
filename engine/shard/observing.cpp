#include "engine/shard/observing.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

std::string sequence_key(std::string_view source) {
  std::string key = "s";
  key += source;
  return key;
}

std::string id_key(const Event& event, std::uint64_t period) {
  std::string key = "i";
  append_u64(key, period);
  std::string name;
  append_key_string(name, event.source);
  name += event.id;
  const Hash128 hash = hash128(name);
  append_u64(key, hash.high);
  append_u64(key, hash.low);
  return key;
}

// highest (8 bytes), then a ring of kSequenceWindow bits indexed by number modulo the window.
class SequenceWindow {
 public:
  explicit SequenceWindow(std::string& bytes) : bytes_(bytes) {
    if (bytes_.size() != kBytes) bytes_.assign(kBytes, '\0');
  }
  // Marks the number as seen; true if it was already.
  bool test_and_set(std::uint64_t number) {
    std::uint64_t highest = 0;
    if (!ByteReader(bytes_).read_u64(highest)) return false;
    if (number + Observing::kSequenceWindow <= highest) return false;
    if (number > highest) {
      const std::uint64_t cleared = std::min(number - highest, Observing::kSequenceWindow);
      for (std::uint64_t i = 1; i <= cleared; ++i)
        set(highest + i, false);
      write_highest(number);
    }
    if (get(number)) return true;
    set(number, true);
    return false;
  }
  // Marks the number as not seen, unless it is below the window.
  void reset(std::uint64_t number) {
    std::uint64_t highest = 0;
    if (ByteReader(bytes_).read_u64(highest) && number <= highest &&
        number + Observing::kSequenceWindow > highest)
      set(number, false);
  }

 private:
  static constexpr std::size_t kBytes = 8 + Observing::kSequenceWindow / 8;
  char& byte_of(std::uint64_t number) { return bytes_[8 + (number % Observing::kSequenceWindow) / 8]; }
  bool get(std::uint64_t number) { return ((byte_of(number) >> (number % 8)) & 1) != 0; }
  void set(std::uint64_t number, bool on) {
    const char mask = static_cast<char>(1 << (number % 8));
    byte_of(number) = static_cast<char>(on ? byte_of(number) | mask : byte_of(number) & ~mask);
  }
  void write_highest(std::uint64_t highest) {
    std::string head;
    append_u64(head, highest);
    bytes_.replace(0, 8, head);
  }
  std::string& bytes_;
};

}  // namespace

Observing::Observing(const Plan& plan, EntityContributions& contributions, RollUp& roll_up,
                     const StateReader& store)
    : plan_(plan), contributions_(contributions), roll_up_(roll_up), seen_(Family::sequences, store) {
  for (const std::uint32_t view : contributions_.views_of(Relation::observations)) {
    all_.push_back(view);
    const ViewPlan& plan_of_view = plan_.views[view];
    if (plan_of_view.deduplicate == Deduplicate::sequence) by_sequence_.push_back(view);
    if (plan_of_view.deduplicate == Deduplicate::none) without_.push_back(view);
    if (plan_of_view.deduplicate == Deduplicate::id) {
      by_id_.push_back(view);
      id_period_ = std::max(id_period_, plan_of_view.deduplicate_window);
    }
  }
}

Result<bool> Observing::is_repeated_sequence(const Event& event) {
  const Value* sequence = event.find(Field::sequence);
  if (by_sequence_.empty() || sequence == nullptr || sequence->is_null()) return false;
  SLIPSTREAM_ASSIGN(HotValues::Entry * window, seen_.load(sequence_key(event.source)));
  seen_.mark_dirty(*window);
  return SequenceWindow(window->value).test_and_set(static_cast<std::uint64_t>(sequence->as_integer()));
}

std::uint64_t Observing::id_period_of(Timestamp log_time) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(log_time.us, 0) / id_period_.us);
}

Result<bool> Observing::is_repeated_id(const Event& event, Timestamp log_time) {
  if (by_id_.empty()) return false;
  newest_log_time_ = std::max(newest_log_time_, log_time);
  const std::uint64_t period = id_period_of(log_time);
  SLIPSTREAM_ASSIGN(HotValues::Entry * now, seen_.load(id_key(event, period)));
  if (!now->value.empty()) return true;
  if (period > 0) {
    SLIPSTREAM_ASSIGN(const HotValues::Entry* before, seen_.load(id_key(event, period - 1)));
    if (!before->value.empty()) return true;
  }
  seen_.mark_dirty(*now);
  now->value = "1";
  return false;
}

Result<FoldOutcome> Observing::observe(const Event& event, Timestamp log_time, Timestamp now) {
  FoldOutcome outcome;
  SLIPSTREAM_ASSIGN(const bool same_sequence, is_repeated_sequence(event));
  SLIPSTREAM_ASSIGN(const bool same_id, is_repeated_id(event, log_time));
  const std::size_t before = staged_.size();
  latest_begin_ = before;
  latest_repeated_ = static_cast<std::uint8_t>((same_sequence ? kSameSequence : 0) | (same_id ? kSameId : 0));
  contributions_.take_numeric_error();
  add_contributions(event, latest_repeated_, now, staged_);
  outcome.numeric_error = contributions_.take_numeric_error();
  if (latest_repeated_ != 0 && staged_.size() == before) outcome.kind = FoldOutcome::Kind::duplicate;
  bool any_expired = false;
  for (std::size_t i = before; i < staged_.size();) {
    const ViewPlan& view = plan_.views[staged_[i].view];
    if (roll_up_.is_let_go(view, staged_[i].slice, now)) {
      any_expired = true;
      staged_.erase(staged_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    outcome.late |= view.windows.slice_end(staged_[i].slice) <= now;
    ++i;
  }
  outcome.beyond_retention = any_expired && staged_.size() == before;
  return outcome;
}

void Observing::add_contributions(const Event& event, std::uint8_t repeated, Timestamp now,
                                  std::vector<Contribution>& out) {
  if (repeated == 0) return contributions_.add_observation(event, all_, now, out);
  contributions_.add_observation(event, without_, now, out);
  if ((repeated & kSameSequence) == 0) contributions_.add_observation(event, by_sequence_, now, out);
  if ((repeated & kSameId) == 0) contributions_.add_observation(event, by_id_, now, out);
}

Result<> Observing::expel(const Event& event, Timestamp log_time, std::uint8_t repeated, Timestamp now) {
  std::vector<Contribution> contributions;
  add_contributions(event, repeated, now, contributions);
  for (const Contribution& contribution : contributions)
    if (!roll_up_.is_let_go(plan_.views[contribution.view], contribution.slice, now))
      SLIPSTREAM_TRY(roll_up_.apply(contribution, -1));
  contributions_.clear_arena();
  return forget(event, log_time, repeated);
}

Result<> Observing::forget(const Event& event, Timestamp log_time, std::uint8_t repeated) {
  const Value* sequence = event.find(Field::sequence);
  if (!by_sequence_.empty() && sequence != nullptr && !sequence->is_null() &&
      (repeated & kSameSequence) == 0) {
    SLIPSTREAM_ASSIGN(HotValues::Entry * window, seen_.load(sequence_key(event.source)));
    seen_.mark_dirty(*window);
    SequenceWindow(window->value).reset(static_cast<std::uint64_t>(sequence->as_integer()));
  }
  if (!by_id_.empty() && (repeated & kSameId) == 0) {
    SLIPSTREAM_ASSIGN(HotValues::Entry * mark, seen_.load(id_key(event, id_period_of(log_time))));
    seen_.mark_dirty(*mark);
    mark->value.clear();
  }
  return {};
}

Result<> Observing::flush() {
  latest_begin_ = 0;
  if (staged_.empty()) return {};
  SLIPSTREAM_TRY(roll_up_.apply(staged_));
  staged_.clear();
  contributions_.clear_arena();
  return {};
}

Result<> Observing::expire(StateBatch& batch, const StateReader& store) {
  if (by_id_.empty()) return {};
  const auto period =
      static_cast<std::uint64_t>(std::max<std::int64_t>(newest_log_time_.us, 0) / id_period_.us);
  if (period < 2) return {};
  std::string until = "i";
  append_u64(until, period - 1);
  return store.scan(Family::sequences, "i", until, [&](std::string_view key, std::string_view) {
    batch.push_back({Family::sequences, key, std::nullopt});
    return true;
  });
}

}  // namespace slipstream
