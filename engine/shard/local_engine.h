// All shards of a deployment in one thread, with the clock in the caller's hand: what golden tests,
// definitions' unit tests, back-tests and the simulator drive. The same shards and the same commits as in
// production, in a fixed order.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/shard/runner.h"

namespace slipstream {

class LocalEngine {
 public:
  struct Options {
    std::int32_t partitions = 1;
    TopicNames topics;
    DecodeOptions decode;
    std::size_t hot_bytes_max = std::size_t{256} << 20;
    ShardRunner::Limits limits;
    std::size_t republished_at_once = ShardOptions().republished_at_once;
    // advance_to() stops at every instant that makes work by itself, rounded up to a multiple of this.
    Duration resolution = microseconds(1);
  };
  using OpenStore = std::function<Result<std::unique_ptr<Store>>(Partition)>;

  // Creates missing topics, opens a store per shard and recovers.
  static Result<std::unique_ptr<LocalEngine>> open(const Plan& plan, Options options, EventLog& log,
                                                   const OpenStore& open_store);

  // Reads and commits until no shard has anything left to read.
  Result<> settle();
  // Moves the clock to `to`, stopping at every instant at which a timer or a judgement is due; settles and
  // judges at each.
  Result<> advance_to(Timestamp to);
  // Settles and judges at the present clock.
  Result<> judge();

  Timestamp clock() const { return clock_; }
  const std::vector<std::unique_ptr<ShardRunner>>& shards() const { return shards_; }
  const Store& store(std::size_t shard) const { return *stores_[shard]; }
  Counters counters() const;  // of all shards

 private:
  LocalEngine() = default;
  Result<> stand_at(Timestamp now);

  Options options_;
  std::vector<std::unique_ptr<Store>> stores_;
  std::vector<std::unique_ptr<ShardRunner>> shards_;
  Timestamp clock_ = Timestamp::min();
};

}  // namespace slipstream
