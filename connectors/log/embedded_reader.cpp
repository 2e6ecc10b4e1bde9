#include "connectors/log/embedded_reader.h"

#include <fmt/format.h>

#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr std::size_t kLookAhead = 128;  // block keys looked up at once
constexpr int kAttempts = 16;            // a block may be cleaned away under us, not time and again

}  // namespace

// What a ReadBatch's views point into.
struct PartitionCursor::BatchMemory {
  std::vector<std::shared_ptr<const void>> blocks;
  HeaderArena headers;
};

Result<> PartitionCursor::check_range() const {
  const auto range = partition_->range();
  if (next_ >= range.earliest && next_ <= range.end) return {};
  return out_of_range(partition_->at, next_, range);
}

Result<std::optional<ReadBatch>> PartitionCursor::take(PollLimits& limits) {
  SLIPSTREAM_TRY(check_range());
  if (next_.value == partition_->end.load()) return std::nullopt;
  ReadBatch batch{partition_->at, {}, next_, nullptr};
  auto memory = std::make_shared<BatchMemory>();
  while (!limits.used_up()) {
    auto read = read_on(limits, batch, *memory);
    if (!read) forget_blocks();
    // What was read before an error must reach the caller; the next poll meets the error again.
    if (!read && batch.records.empty()) return tl::unexpected<Error>(std::move(read).error());
    if (!read || !*read) break;
  }
  if (batch.records.empty()) return damaged();  // cleaning leaves the last record
  batch.next = next_;
  batch.memory = std::move(memory);
  return batch;
}

void PartitionCursor::forget_blocks() {
  current_.reset();
  upcoming_.clear();
}

// Reads of one block what the limits allow. False at the end of the partition.
Result<bool> PartitionCursor::read_on(PollLimits& limits, ReadBatch& batch, BatchMemory& memory) {
  if (!current_) {
    SLIPSTREAM_ASSIGN(const bool opened, open_next_block());
    if (!opened) return false;
  }
  memory.blocks.push_back(current_->block().memory);
  RecordView record;
  while (!limits.used_up()) {
    const auto step = current_->next(record, memory.headers);
    if (step == BlockCursor::Step::end) break;
    if (step == BlockCursor::Step::malformed) return damaged();
    if (record.offset < next_) continue;  // a merged block begins before where we are
    limits.take(record.key.size() + record.value.size());
    next_ = record.offset.next();
    batch.records.push_back(record);
  }
  if (current_->at_end()) {
    next_ = std::max(next_, current_->block().last.next());
    current_.reset();
  }
  return true;
}

tl::unexpected<Error> PartitionCursor::damaged() const {
  return fail(
      ErrorCode::store_corrupt,
      fmt::format("topic '{}' partition {}: the records from offset {} on are damaged; restore the log from "
                  "a backup",
                  at().topic, at().partition.value, next_.value));
}

// False at the end of the partition.
Result<bool> PartitionCursor::open_next_block() {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    SLIPSTREAM_ASSIGN(const auto last, upcoming_block());
    if (!last) return false;
    SLIPSTREAM_ASSIGN(auto block, storage_->block(partition_->id, *last));
    if (block) {
      // Only compaction leaves gaps: elsewhere a missing block is a loss, and never passed over in silence.
      if (!partition_->compacted && block->first > next_) return damaged();
      current_.emplace(*std::move(block));
      return true;
    }
    // Cleaned away since it was looked up: look again, unless retention has overtaken us.
    upcoming_.clear();
    SLIPSTREAM_TRY(check_range());
  }
  return damaged();
}

// The last offset of the block that holds the next record; none at the end of the partition.
Result<std::optional<Offset>> PartitionCursor::upcoming_block() {
  const Offset end(partition_->end.load());
  if (next_ >= end) return std::nullopt;
  if (upcoming_.empty()) {
    SLIPSTREAM_TRY(storage_->summaries(partition_->id, next_, [&](const BlockSummary& block) {
      if (block.last >= end) return false;  // written, not yet shown
      upcoming_.push_back(block.last);
      return upcoming_.size() < kLookAhead;
    }));
    // `earliest` grows before blocks go: still in range means that no block was missed.
    SLIPSTREAM_TRY(check_range());
  }
  if (upcoming_.empty()) return damaged();
  const auto last = upcoming_.front();
  upcoming_.pop_front();
  return last;
}

}  // namespace slipstream
