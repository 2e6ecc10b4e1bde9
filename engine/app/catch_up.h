// When may shards that were opened together judge? When every shard of the deployment has folded and committed
// what the log held when these were opened, and then what they had sent one another of it: figures that lack
// what is known raise alerts about nothing.
//
// The shards' threads call the first two, one other thread the rest.
#pragma once

#include <atomic>
#include <latch>
#include <map>

#include "engine/app/deployment.h"

namespace slipstream {

// Where each shard of the deployment would go on reading, as committed. One that is being opened is missing.
using ShardPositions = std::map<Partition, std::map<TopicPartition, Offset>>;

class CatchUp {
 public:
  explicit CatchUp(std::size_t shards) : producers_(static_cast<std::ptrdiff_t>(shards)) {}

  // Each of the shards opens its producer, or fails to, before any of them recovers: a transaction that one has
  // left open holds up the readers of the others.
  void producer_is_settled() { producers_.count_down(); }
  void wait_for_producers() { producers_.wait(); }

  bool is_done() const { return done_.load(); }
  // Looks at what is folded by now; not before the producers are settled.
  Result<> look(Deployment& deployment, const ShardPositions& positions);

 private:
  using Ends = std::map<TopicPartition, Offset>;
  enum class Waiting : std::uint8_t { for_producers, for_inputs, for_partials };

  std::latch producers_;
  std::atomic<bool> done_{false};
  Waiting waiting_ = Waiting::for_producers;
  Ends to_fold_;
};

}  // namespace slipstream
