// Folds entity events: histories in, differences of contributions out.
//
// For every change of an entity: contributions as they were (the old history at the instant they were
// computed) are subtracted, contributions as they are (the new history now) are added, and a timer is set for
// when the clock alone will change them. An event of a reported figure also changes the one before it in its
// series, where a view carries series forward. Owned by the shard's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rollup/roll_up.h"
#include "engine/shard/entity_contributions.h"
#include "engine/shard/timers.h"
#include "engine/state/hot_values.h"

namespace slipstream {

// What became of an event.
struct FoldOutcome {
  enum class Kind : std::uint8_t { folded, duplicate, refused } kind = Kind::folded;
  bool late = false;              // changed a slice that had ended
  bool beyond_retention = false;  // all that it changes has been let go
  bool numeric_error = false;     // an expression over it has made a NULL of a value
  Error refusal;                  // kind refused: the dead letter's code and reason
};

class Folding {
 public:
  Folding(const Plan& plan, RollUp& roll_up, const StateReader& store);

  // The store key of the entity an event belongs to.
  static std::string entity_key(const Event& event);
  // Loads the entities of these keys in one store call.
  Result<> prefetch(std::vector<std::string>& keys) { return entities_.prefetch(keys); }

  // A task or measurement event.
  Result<FoldOutcome> fold(const Event& event, Partition partition, Offset offset, Timestamp now);
  // Takes an accepted event out of its entity's history again. False: it is not there.
  Result<bool> expel(const Event& event, Timestamp now);
  // The indicator counts from now on: adds what its figures contribute.
  Result<> admit(std::string_view indicator, Timestamp now);
  // What the entity contributes as it stands; valid until the next call of this class.
  Result<const std::vector<Contribution>*> contributions_of(const std::string& entity, Timestamp now);
  // The same of the entity of the event folded last, and of the figure before it that it ends.
  const std::vector<Contribution>& latest_contributions() const { return after_.contributions; }
  // Fires the timers due by `now`; returns how many.
  Result<std::uint64_t> fire_timers(Timestamp now);
  Result<Timestamp> next_timer() { return timers_.next(); }

  EntityContributions& contributions() { return contributions_; }
  void seal(StateBatch& batch);
  void shrink(std::size_t bytes) { entities_.shrink(bytes); }
  std::size_t memory_bytes() const { return entities_.memory_bytes(); }
  std::size_t unsealed_bytes() const { return entities_.dirty_bytes() + timers_.unsealed_bytes(); }

 private:
  // An entity whose contributions may change, and, of a carried figure, the entity that ends it.
  struct Affected {
    HotValues::Entry* entity = nullptr;
    HotValues::Entry* next_before = nullptr;
    HotValues::Entry* next_after = nullptr;
  };

  Result<FoldOutcome> change(HotValues::Entry& entity, std::string history, std::vector<Affected> affected,
                             Timestamp now);
  Result<std::vector<Affected>> affected_by(const Event& event, HotValues::Entry& entity,
                                            const std::string& history);
  Result<> evaluate(const HotValues::Entry& entity, const HotValues::Entry* next, Timestamp at,
                    Evaluation& out);
  Result<> replace(const std::vector<Contribution>& before, const std::vector<Contribution>& after,
                   Timestamp now, FoldOutcome& outcome);
  void set_timer(HotValues::Entry& entity, Timestamp now, Timestamp valid_until);
  Result<HotValues::Entry*> next_of(const HotValues::Entry& entity);

  const Plan& plan_;
  RollUp& roll_up_;
  EntityContributions contributions_;
  HotValues entities_;
  Timers timers_;
  Evaluation before_, after_;
};

}  // namespace slipstream
