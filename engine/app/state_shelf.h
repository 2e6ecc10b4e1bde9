// The newest committed state of each shard of this instance, for readers. Workers put a snapshot here after each
// commit, which takes a pointer's time; readers take what is there and hold it as long as they read. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/view/committed_state.h"

namespace slipstream {

// The state of all shards at one moment.
struct ShownState {
  CommittedState state;
  std::vector<CommitNote> notes;  // by shard
  Timestamp clock;                // the instant that figures are as of
  bool complete = false;          // every shard has folded what the log held when it was opened
  std::string version;            // differs whenever an answer may: of the commits and the definitions
};

class StateShelf {
 public:
  StateShelf(std::shared_ptr<const Plan> plan, std::int32_t partitions)
      : plan_(std::move(plan)), partitions_(partitions) {}

  // `caught_up`: it has folded what the log held when it was opened, as have those that were opened with it.
  void put(Partition shard, std::shared_ptr<const StateReader> snapshot, CommitNote note, bool caught_up);
  // Waits until nobody reads it any more, for `patience` at most: the state cannot be opened again before.
  void take_off(Partition shard, Duration patience);

  // Null while a shard of the deployment is not here.
  std::shared_ptr<const ShownState> newest() const;
  std::vector<Partition> missing() const;
  std::vector<CommitNote> notes() const;  // of the shards that are here

 private:
  struct Place {
    std::shared_ptr<const StateReader> snapshot;
    CommitNote note;
    bool caught_up = false;
  };

  const std::shared_ptr<const Plan> plan_;
  const std::int32_t partitions_;
  mutable std::mutex mutex_;
  std::map<Partition, Place> places_;                 // guarded by mutex_
  mutable std::shared_ptr<const ShownState> newest_;  // guarded by mutex_; null: made when it is asked for
};

}  // namespace slipstream
