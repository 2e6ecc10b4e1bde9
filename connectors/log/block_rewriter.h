// Replaces consecutive blocks of a partition by fewer or smaller ones, for compaction and merging.
//
// A replacement is one batch: the new block under the last replaced block's key, the other replaced ones
// removed. A reader finds the old blocks or the new one, and skips what it has read.
#pragma once

#include <functional>
#include <vector>

#include "connectors/log/embedded_commit.h"
#include "connectors/log/embedded_storage.h"

namespace slipstream {

class BlockRewriter {
 public:
  using Keep = std::function<bool(const RecordView&)>;

  BlockRewriter(const EmbeddedStorage& storage, CommitQueue& queue, PartitionId partition, const Keep& keep)
      : storage_(storage),
        queue_(queue),
        partition_(partition),
        keep_(keep),
        builder_(BlockCompression::lz4) {}

  // In offset order, without leaving one out.
  Result<> add(const BlockSummary& block);
  Result<> finish() { return replace(); }
  std::uint64_t removed() const { return removed_; }

 private:
  Result<> visit(const OpenBlock& block, const std::function<bool(const RecordView&)>& each) const;
  Result<bool> keeps_all(const OpenBlock& block) const;
  Result<> take_records(const OpenBlock& block);
  Result<> replace();

  const EmbeddedStorage& storage_;
  CommitQueue& queue_;
  const PartitionId partition_;
  const Keep& keep_;
  RecordBlockBuilder builder_;
  std::vector<Offset> replaced_;    // last offsets of the blocks whose records the builder holds
  std::uint64_t removed_here_ = 0;  // records left out of the builder
  std::uint64_t removed_ = 0;
};

}  // namespace slipstream
