// What readers read: the committed state of every shard, and which definitions it follows. Thread-safe to
// share; each reader makes its own.
#pragma once

#include <memory>
#include <vector>

#include "engine/definition/plan.h"
#include "engine/rollup/organisation.h"
#include "engine/shard/input.h"
#include "engine/state/store.h"

namespace slipstream {

struct CommittedState {
  std::shared_ptr<const Plan> plan;
  std::vector<std::shared_ptr<const StateReader>> shards;  // snapshots, by number; as many as partitions

  // Where totals of nodes stand: with one shard its own rows are the totals.
  Family totals_family() const { return shards.size() == 1 ? Family::rows : Family::totals; }
};

// The accumulators in a stored value of totals_family().
std::string_view state_in_total(const CommittedState& state, std::string_view stored);

// The notes of the shards' last commits; a shard that never committed has a default one.
Result<std::vector<CommitNote>> read_notes(const CommittedState& state);
// The instant figures are as of: the earliest of the shards' clocks.
Result<Timestamp> read_clock(const CommittedState& state);
// The organisation as committed (every shard knows it alike; read from the first).
Result<Organisation> read_organisation(const CommittedState& state);

}  // namespace slipstream
