// The newest committed state of each shard of this instance, for readers. Workers put a snapshot here after each
// commit, which takes a pointer's time; readers take what is there and hold it as long as they read. What another
// instance reads piece by piece is held for it a while. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/view/committed_state.h"

namespace slipstream {

// The state of all shards at one moment.
struct ShownState {
  CommittedState state;
  Timestamp clock;        // the instant that figures are as of
  bool complete = false;  // every shard has folded what the log held when it was opened
  std::string version;    // differs whenever an answer may: of the commits and the definitions
};

// The state of one shard at one moment.
struct ShownShard {
  std::shared_ptr<const StateReader> snapshot;
  CommitNote note;
  bool caught_up = false;
  bool is_remote = false;  // read at another instance
};
using ShownShards = std::map<Partition, ShownShard>;

// Puts shards together. What the reference topic has told is read anew only when more of it was folded: an organisation
// of thousands need not be read for every answer. One thread at a time.
class StateAssembly {
 public:
  StateAssembly(std::shared_ptr<const Plan> plan, TopicPartition reference)
      : plan_(std::move(plan)), reference_(std::move(reference)) {}

  // `shards`: all of the deployment.
  std::shared_ptr<const ShownState> assemble(const ShownShards& shards);

 private:
  const std::shared_ptr<const Plan> plan_;
  const TopicPartition reference_;
  Offset folded_{-1};  // of the reference topic, by what was shared last
  std::shared_ptr<SharedReference> shared_;
};

class StateShelf {
 public:
  // `reference`: the reference topic's only partition.
  StateShelf(std::shared_ptr<const Plan> plan, std::int32_t partitions, TopicPartition reference)
      : partitions_(partitions), assembly_(std::move(plan), std::move(reference)) {}

  // Which shards are to be here, as long as nothing else is said.
  void expect(std::set<Partition> shards);

  // `caught_up`: it has folded what the log held when it was opened, as have those that were opened with it.
  void put(Partition shard, ShownShard shown);
  // Waits until nobody reads it any more, for `patience` at most: the state cannot be opened again before.
  void take_off(Partition shard, Duration patience);

  // Null while a shard of the deployment is not here.
  std::shared_ptr<const ShownState> newest() const;
  ShownShards here() const;
  // Every shard that is to be here is, and has caught up. Not before any were expected.
  bool is_complete() const;
  // Of those that are to be here.
  std::vector<Partition> missing() const;

  // As here(), and what is given out stays readable by held() for ten seconds after it was asked for last, unless the
  // shard goes. Nullopt: it is not here.
  std::optional<ShownShard> hold(Partition shard);
  std::shared_ptr<const StateReader> held(Partition shard, CommitSequence sequence);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Held {
    std::shared_ptr<const StateReader> snapshot;
    Instant until;
  };

  const std::int32_t partitions_;
  mutable std::mutex mutex_;
  mutable StateAssembly assembly_;                            // guarded by mutex_
  std::optional<std::set<Partition>> expected_;               // guarded by mutex_
  ShownShards shards_;                                        // guarded by mutex_
  std::map<Partition, std::map<CommitSequence, Held>> held_;  // guarded by mutex_
  mutable std::shared_ptr<const ShownState> newest_;  // guarded by mutex_; null: made when it is asked for
};

}  // namespace slipstream
