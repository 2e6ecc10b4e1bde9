// The committed state of all shards of the deployment: those of this instance from its shelf, the others read where they
// run. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/app/peers/hosts.h"
#include "engine/app/state_shelf.h"

namespace slipstream {

class WholeState {
 public:
  // `hosts`: null where no other instance is; both outlive it.
  WholeState(const StateShelf& shelf, std::shared_ptr<const Plan> plan, std::int32_t partitions,
             TopicPartition reference, const Hosts* hosts)
      : shelf_(shelf),
        plan_(plan),
        partitions_(partitions),
        hosts_(hosts),
        assembly_(std::move(plan), std::move(reference)) {}

  // Waits for other instances, 2 s for each that does not answer, and a second later again. Error shard_unavailable:
  // some shard is nowhere to be read.
  Result<std::shared_ptr<const ShownState>> newest() const;
  const StateShelf& shelf() const { return shelf_; }

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Failure {
    Error error;
    Instant until;  // it is not asked again before
  };

  Result<> add_from(const Host& host, const std::vector<Partition>& wanted, ShownShards& shards) const;

  const StateShelf& shelf_;
  const std::shared_ptr<const Plan> plan_;
  const std::int32_t partitions_;
  const Hosts* const hosts_;
  mutable std::mutex mutex_;
  mutable StateAssembly assembly_;                 // guarded by mutex_
  mutable std::map<std::string, Failure> failed_;  // guarded by mutex_: by address
};

}  // namespace slipstream
