#include "connectors/log/embedded_topics.h"

#include <algorithm>
#include <mutex>

#include "engine/log/topic_rules.h"

namespace slipstream {

void EmbeddedTopics::add(const StoredTopic& topic, const std::vector<PartitionMarks>& marks) {
  auto added = std::make_unique<EmbeddedTopic>();
  added->id = topic.id;
  added->options = topic.options;
  for (std::uint32_t number = 0; number < marks.size(); ++number) {
    const TopicPartition at{topic.options.name, Partition(static_cast<std::int32_t>(number))};
    added->partitions.emplace_back(PartitionId{topic.id, number}, at, topic.options.cleanup, marks[number]);
  }
  const std::unique_lock lock(mutex_);
  topics_.emplace(topic.options.name, std::move(added));
}

EmbeddedTopic* EmbeddedTopics::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second.get();
}

Result<EmbeddedPartition*> EmbeddedTopics::find(std::string_view topic, Partition partition) const {
  auto* found = find(topic);
  if (found == nullptr) return unknown_topic(topic);
  return partition_in(*found, partition);
}

std::vector<EmbeddedTopic*> EmbeddedTopics::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<EmbeddedTopic*> all;
  for (const auto& [name, topic] : topics_)
    all.push_back(topic.get());
  return all;
}

std::uint32_t EmbeddedTopics::next_id() const {
  const std::shared_lock lock(mutex_);
  std::uint32_t next = 1;
  for (const auto& [name, topic] : topics_)
    next = std::max(next, topic->id + 1);
  return next;
}

Result<EmbeddedPartition*> partition_in(EmbeddedTopic& topic, Partition partition) {
  if (partition.value < 0 || partition.value >= std::ssize(topic.partitions)) {
    return unknown_partition(topic.options.name, partition, topic.options.partitions);
  }
  return &topic.partitions[static_cast<std::size_t>(partition.value)];
}

}  // namespace slipstream
