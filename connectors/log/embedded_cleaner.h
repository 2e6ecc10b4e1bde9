// Retention, compaction and merging of one partition of the embedded log. Runs beside writers and readers: it
// touches committed blocks only, and a reader that misses a block it looked up looks again. One cleaner at a
// time.
#pragma once

#include "connectors/log/embedded_commit.h"
#include "connectors/log/embedded_storage.h"
#include "connectors/log/embedded_topics.h"

namespace slipstream {

struct CleanRules {
  TopicOptions options;
  Timestamp now;
  std::size_t keys_max = 0;  // keys whose newest offset is remembered at once: bounds compaction's memory
};

struct Cleaned {
  std::uint64_t records = 0;         // removed
  std::uint64_t record_bytes = 0;    // removed by retention
  std::optional<Offset> removed_to;  // every block up to this last offset was removed
};

class PartitionCleaner {
 public:
  PartitionCleaner(const EmbeddedStorage& storage, CommitQueue& queue, EmbeddedPartition& partition,
                   const CleanRules& rules)
      : storage_(storage), queue_(queue), partition_(partition), rules_(rules) {}

  Result<Cleaned> clean();

 private:
  class NewestOffsets;
  using Keep = std::function<bool(const RecordView&)>;

  Result<Cleaned> retain();
  Result<std::vector<BlockSummary>> beyond_retention() const;
  Result<std::uint64_t> compact();
  Result<bool> worth_compacting() const;
  Result<Offset> collect_newest(NewestOffsets& newest, Offset end) const;
  Result<std::uint64_t> rewrite(Offset from, Offset to, const Keep& keep);
  Result<> merge();
  void put_marks(StorageBatch& batch) const;

  const EmbeddedStorage& storage_;
  CommitQueue& queue_;
  EmbeddedPartition& partition_;
  const CleanRules& rules_;
};

}  // namespace slipstream
