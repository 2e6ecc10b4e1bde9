// Timers: the instants at which an entity's contributions change by the clock alone (guarantee G5), or at
// which what waits has waited long enough.
//
// All timers are in a store family, keyed (prefix, instant, entity); only those before a horizon are also in
// memory, so that five million open deadlines cost disk, not memory (G6). What has changed since the last
// seal is a list, put in order when it is sealed: most changes are of timers that lie far ahead, which
// nothing else looks at. Owned by the shard's thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "engine/state/store.h"

namespace slipstream {

class Timers {
 public:
  static constexpr std::size_t kNearMax = 4'000;  // loaded at a time: they fit a core's cache

  explicit Timers(const StateReader& store, Family family = Family::timers, std::string prefix = "",
                  std::size_t near_max = kNearMax)
      : store_(&store),
        family_(family),
        prefix_(std::move(prefix)),
        near_max_(near_max),
        load_from_(prefix_) {}

  void set(Timestamp at, const std::string& entity);
  void cancel(Timestamp at, const std::string& entity);
  // Removes and returns the earliest timer at or before `now`.
  Result<std::optional<std::pair<Timestamp, std::string>>> pop_due(Timestamp now);
  // The earliest timer there is; max when there is none.
  Result<Timestamp> next();
  // Moves the changes since the last call into `batch`. The store must have them before the next load.
  void seal(StateBatch& batch);
  std::size_t unsealed_bytes() const { return changes_.size() * sizeof(Change); }

 private:
  using Entry = std::pair<Timestamp, std::string>;
  struct Change {
    Entry timer;
    bool set = false;  // else removed
  };
  std::string key_of(const Entry& timer) const;
  bool is_near(Timestamp at) const { return all_loaded_ || at < horizon_; }
  void note(Entry timer, bool set);
  void apply_near(const Change& change);
  Result<> load_more();
  // Bounds memory: what lies far ahead stays in the store, and in the list of changes, alone. Whole instants
  // are kept, the earliest at least.
  void forget_far();

  const StateReader* store_;
  Family family_;
  std::string prefix_;
  std::size_t near_max_;
  std::size_t forget_above_ = 2 * near_max_;  // so many in near_
  std::set<Entry> near_;                      // every timer before horizon_
  std::vector<Change> changes_;               // since the last seal, in the order they were made
  std::string load_from_;                     // store key at which the next load starts
  Timestamp horizon_ = Timestamp::min();
  bool all_loaded_ = false;
};

}  // namespace slipstream
