// Timers: the instants at which an entity's contributions change by the clock alone (guarantee G5), or at which what
// waits has waited long enough.
//
// All timers are in a store family, keyed (prefix, instant, entity); only those before a horizon are also in memory, so
// that five million open deadlines cost disk, not memory (G6). Owned by the shard's thread.
#pragma once

#include <map>
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
  static constexpr std::size_t kNearMax = 50'000;  // timers loaded at a time

  explicit Timers(const StateReader& store, Family family = Family::timers, std::string prefix = "")
      : store_(&store), family_(family), prefix_(std::move(prefix)), load_from_(prefix_) {}

  void set(Timestamp at, const std::string& entity);
  void cancel(Timestamp at, const std::string& entity);
  // Removes and returns the earliest timer at or before `now`.
  Result<std::optional<std::pair<Timestamp, std::string>>> pop_due(Timestamp now);
  // The earliest timer there is; max when there is none.
  Result<Timestamp> next();
  // Moves the changes since the last call into `batch`. The store must have them before the next load.
  void seal(StateBatch& batch);

 private:
  using Entry = std::pair<Timestamp, std::string>;
  std::string key_of(const Entry& timer) const;
  Result<> load_more();
  // Bounds memory: what lies far ahead stays in the store alone.
  void forget_far();

  const StateReader* store_;
  Family family_;
  std::string prefix_;
  std::set<Entry> near_;             // every timer before horizon_
  std::set<Entry> far_unsealed_;     // set since the last seal, at or after horizon_
  std::set<Entry> far_cancelled_;    // cancelled since the last seal, at or after horizon_
  std::map<Entry, bool> changes_;    // since the last seal: true set, false removed
  std::string load_from_;            // store key at which the next load starts
  Timestamp horizon_ = Timestamp::min();
  bool all_loaded_ = false;
};

}  // namespace slipstream
