// The topics and partitions of an open embedded log. Partitions live as long as the table: pointers to them
// stay.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>

#include "connectors/log/embedded_format.h"

namespace slipstream {

struct EmbeddedPartition {
  EmbeddedPartition(PartitionId stored_id, TopicPartition where, Cleanup cleanup, const PartitionMarks& marks)
      : id(stored_id),
        at(std::move(where)),
        compacted(cleanup == Cleanup::compact),
        earliest(marks.earliest.value),
        end(marks.end.value),
        assigned_end(marks.end),
        cleaned_to(marks.cleaned_to) {}

  const PartitionId id;
  const TopicPartition at;
  const bool compacted;
  std::atomic<std::int64_t> earliest;
  std::atomic<std::int64_t> end;  // what readers see: grows only after the records are durable
  Offset assigned_end;            // of the commit queue's leader: offsets given out so far
  Offset cleaned_to;              // of the cleaner

  OffsetRange range() const { return {Offset(earliest.load()), Offset(end.load())}; }
};

struct EmbeddedTopic {
  std::uint32_t id = 0;
  TopicOptions options;
  std::deque<EmbeddedPartition> partitions;
};

// Thread-safe.
class EmbeddedTopics {
 public:
  // The marks are those of the topic's partitions, in order.
  void add(const StoredTopic& topic, const std::vector<PartitionMarks>& marks);
  // Null when there is none.
  EmbeddedTopic* find(std::string_view name) const;
  Result<EmbeddedPartition*> find(std::string_view topic, Partition partition) const;
  std::vector<EmbeddedTopic*> all() const;
  std::uint32_t next_id() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<EmbeddedTopic>, std::less<>> topics_;  // guarded by mutex_
};

Result<EmbeddedPartition*> partition_in(EmbeddedTopic& topic, Partition partition);

}  // namespace slipstream
