#include "engine/app/catch_up.h"

#include <algorithm>

#include "engine/shard/runner.h"

namespace slipstream {
namespace {

std::vector<TopicPartition> inputs_of_shard(Deployment& deployment, Partition shard) {
  return inputs_of(shard, deployment.topics(), deployment.partitions());
}

Result<std::map<TopicPartition, Offset>> ends_of(Deployment& deployment,
                                                 const std::vector<std::string>& topics) {
  std::map<TopicPartition, Offset> ends;
  for (std::int32_t shard = 0; shard < deployment.partitions(); ++shard)
    for (const TopicPartition& at : inputs_of_shard(deployment, Partition(shard))) {
      if (std::find(topics.begin(), topics.end(), at.topic) == topics.end() || ends.contains(at)) continue;
      SLIPSTREAM_ASSIGN(const OffsetRange range, deployment.log().offsets(at));
      if (range.earliest < range.end) ends[at] = range.end;
    }
  return ends;
}

bool all_folded(Deployment& deployment, const std::map<TopicPartition, Offset>& ends,
                const ShardPositions& positions) {
  for (std::int32_t shard = 0; shard < deployment.partitions(); ++shard) {
    const auto next = positions.find(Partition(shard));
    if (next == positions.end()) return false;
    for (const TopicPartition& at : inputs_of_shard(deployment, Partition(shard))) {
      const auto end = ends.find(at);
      if (end == ends.end()) continue;
      const auto folded = next->second.find(at);
      if (folded == next->second.end() || folded->second < end->second) return false;
    }
  }
  return true;
}

}  // namespace

Result<> CatchUp::look(Deployment& deployment, const ShardPositions& positions) {
  const TopicNames& topics = deployment.topics();
  if (waiting_ == Waiting::for_producers) {
    if (!producers_.try_wait()) return {};
    SLIPSTREAM_ASSIGN(to_fold_, ends_of(deployment, {topics.reference, topics.events}));
    waiting_ = Waiting::for_inputs;
  }
  if (!all_folded(deployment, to_fold_, positions)) return {};
  if (waiting_ == Waiting::for_partials) {
    done_.store(true);
    return {};
  }
  SLIPSTREAM_ASSIGN(to_fold_, ends_of(deployment, {topics.partials}));
  waiting_ = Waiting::for_partials;
  return {};
}

}  // namespace slipstream
