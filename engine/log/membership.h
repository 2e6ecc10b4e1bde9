// Which of the deployment's shards this instance runs. One instance on the embedded log runs all of them; on
// Kafka the instances of a consumer group share them out (connectors/log/kafka_membership.h).
#pragma once

#include <cstdint>
#include <set>

#include "engine/base/error.h"
#include "engine/base/ids.h"

namespace slipstream {

struct Assignment {
  std::uint64_t generation = 0;  // grows with each assignment; 0: none has been given yet
  std::set<Partition> shards;
};

// Thread-safe.
class Membership {
 public:
  virtual ~Membership() = default;
  // The newest one. A shard that is not among them any more may be another's already; whose it is when two
  // believe so is decided by the log, which fences the older producer. Errors: the group has shut this
  // instance out for good.
  virtual Result<Assignment> assignment() = 0;
  // Lets the others have the shards at once, rather than when this instance has been silent for long. What it
  // ran must be closed before.
  virtual void leave() = 0;
};

class SoleMember final : public Membership {
 public:
  explicit SoleMember(std::int32_t partitions) {
    for (std::int32_t i = 0; i < partitions; ++i)
      assignment_.shards.insert(Partition(i));
    assignment_.generation = 1;
  }
  Result<Assignment> assignment() override { return assignment_; }
  void leave() override {}

 private:
  Assignment assignment_;
};

}  // namespace slipstream
