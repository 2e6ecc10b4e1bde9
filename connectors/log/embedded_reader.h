// Reading the embedded log: the next blocks' keys are looked up many at once, a block is fetched whole and
// its records are parsed in place as polls ask for them.
#pragma once

#include <deque>
#include <optional>

#include "connectors/log/embedded_storage.h"
#include "connectors/log/embedded_topics.h"
#include "engine/log/poll_turns.h"

namespace slipstream {

// Reads one partition forward from an offset. Belongs to one thread.
class PartitionCursor {
 public:
  PartitionCursor(const EmbeddedStorage& storage, const EmbeddedPartition& partition, Offset next)
      : storage_(&storage), partition_(&partition), next_(next) {}

  const TopicPartition& at() const { return partition_->at; }
  // The next records within the limits, which are reduced by what was taken; nullopt at the end.
  Result<std::optional<ReadBatch>> take(PollLimits& limits);

 private:
  struct BatchMemory;

  Result<> check_range() const;
  Result<bool> read_on(PollLimits& limits, ReadBatch& batch, BatchMemory& memory);
  Result<bool> open_next_block();
  Result<std::optional<Offset>> upcoming_block();
  void forget_blocks();
  tl::unexpected<Error> damaged() const;

  const EmbeddedStorage* storage_;
  const EmbeddedPartition* partition_;
  Offset next_;
  std::deque<Offset> upcoming_;  // last offsets of the blocks that come next, as last looked up
  std::optional<BlockCursor> current_;
};

}  // namespace slipstream
