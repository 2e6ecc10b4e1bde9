// Folds entity events: histories in, differences of contributions out.
//
// For every change of an entity: contributions as they were (the old history at the instant they were computed) are
// subtracted, contributions as they are (the new history now) are added, and a timer is set for when the clock alone
// will change them. Owned by the shard's thread.
#pragma once

#include <string>
#include <vector>

#include "engine/aggregate/contribution.h"
#include "engine/fold/columns.h"
#include "engine/rollup/roll_up.h"
#include "engine/shard/timers.h"
#include "engine/state/hot_values.h"

namespace slipstream {

// What became of an event.
struct FoldOutcome {
  enum class Kind : std::uint8_t { folded, duplicate, refused } kind = Kind::folded;
  bool late = false;  // changed a slice that had ended
  Error refusal;      // kind refused, or folded but beyond retention: the dead letter's code and reason
  bool beyond_retention = false;
};

class Folding {
 public:
  Folding(const Plan& plan, RollUp& roll_up, const StateReader& store);

  // Entity keys this event needs, for prefetch.
  static std::string entity_key(const Event& event);
  Result<> prefetch(std::vector<std::string>& keys) { return entities_.prefetch(keys); }

  // A task or measurement event.
  Result<FoldOutcome> fold(const Event& event, Partition partition, Offset offset, Timestamp now);
  // Appends what an observation contributes; the caller applies it (a batch of them at once).
  void observe(const Event& event, Timestamp now, std::span<const std::uint32_t> views, std::vector<Contribution>& out);
  std::span<const std::uint32_t> observation_views() const { return views_of_[2]; }
  Result<> check(const Event& event) const;

  // Fires the timers due by `now`; returns how many.
  Result<std::uint64_t> fire_timers(Timestamp now);
  Result<Timestamp> next_timer() { return timers_.next(); }

  void seal(StateBatch& batch);
  void shrink(std::size_t bytes) { entities_.shrink(bytes); }
  std::size_t memory_bytes() const { return entities_.memory_bytes(); }
  void clear_arena() { arena_.clear(); }

 private:
  struct Evaluation {
    std::vector<Contribution> contributions;
    Timestamp valid_until = Timestamp::max();
  };

  // Contributions of an entity with this history at that instant. `around`: of a series, only what an event of that
  // period can change.
  Result<> evaluate(const std::string& key, std::string_view history, Timestamp at, std::optional<Timestamp> around,
                    Evaluation& out);
  Result<> evaluate_task(std::string_view history, std::uint64_t tie, EvaluationContext& context, Evaluation& out);
  Result<> evaluate_series(std::string_view history, std::uint64_t tie, std::optional<Timestamp> around,
                           EvaluationContext& context, Evaluation& out);
  Result<> replace(const std::vector<Contribution>& before, const std::vector<Contribution>& after, Timestamp now,
                   FoldOutcome& outcome);
  Result<> set_timer(HotValues::Entry& entity, Timestamp now, Timestamp valid_until);

  const Plan& plan_;
  RollUp& roll_up_;
  HotValues entities_;
  Timers timers_;
  DeclaredColumns declared_[3];
  std::size_t declared_count_[3] = {};
  std::vector<std::uint32_t> views_of_[3];  // by relation: indexes of views
  bool series_use_clock_ = false;
  Arena arena_;
  std::vector<Value> row_;
  Evaluation before_, after_;
};

}  // namespace slipstream
