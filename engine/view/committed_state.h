// What readers read: the committed state of every shard, and which definitions it follows. Thread-safe to
// share; each reader makes its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/definition/plan.h"
#include "engine/rollup/organisation.h"
#include "engine/shard/input.h"
#include "engine/shard/reference.h"
#include "engine/state/store.h"

namespace slipstream {

struct CommittedState;

// What the reference topic has told, which every shard knows alike.
struct ReferenceData {
  Organisation organisation;
  TargetHistories targets;
};

// Read when it is first asked for, once for all states that share it. Thread-safe.
class SharedReference {
 public:
  Result<std::shared_ptr<const ReferenceData>> of(const CommittedState& state);
  bool is_read() const { return is_read_.load(); }

 private:
  std::mutex mutex_;
  std::shared_ptr<const ReferenceData> data_;  // guarded by mutex_; null: not read yet
  std::atomic<bool> is_read_ = false;          // data_ is there
};

struct CommittedState {
  std::shared_ptr<const Plan> plan;
  std::vector<std::shared_ptr<const StateReader>> shards;  // snapshots, by number; as many as partitions
  std::size_t at_hand = 0;                                 // a shard that is read without asking elsewhere
  std::shared_ptr<const std::vector<CommitNote>> notes = nullptr;  // null: read when they are asked for
  std::shared_ptr<SharedReference> reference = std::make_shared<SharedReference>();

  // Where totals of nodes stand: with one shard its own rows are the totals.
  Family totals_family() const { return shards.size() == 1 ? Family::rows : Family::totals; }
};

// The accumulators in a stored value of totals_family().
std::string_view state_in_total(const CommittedState& state, std::string_view stored);

// The notes of the shards' last commits, never null; a shard that never committed has a default one.
Result<std::shared_ptr<const std::vector<CommitNote>>> read_notes(const CommittedState& state);
// The instant figures are as of: the earliest of the shards' clocks.
Result<Timestamp> read_clock(const CommittedState& state);
Result<std::shared_ptr<const ReferenceData>> read_reference(const CommittedState& state);
Result<std::shared_ptr<const Organisation>> read_organisation(const CommittedState& state);

}  // namespace slipstream
