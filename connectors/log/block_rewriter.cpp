#include "connectors/log/block_rewriter.h"

#include <utility>

namespace slipstream {
namespace {

constexpr std::uint64_t kSmallBlock = kBlockBytes / 2;
constexpr std::size_t kMergeFrom = 8;  // fewer small blocks are not worth a write

}  // namespace

Result<> BlockRewriter::add(const BlockSummary& summary) {
  SLIPSTREAM_ASSIGN(const auto block, storage_.block(partition_, summary.last));
  if (!block) {
    return fail(ErrorCode::store_corrupt, "a block of the index is missing; restore the log from a backup");
  }
  if (summary.record_bytes >= kSmallBlock) {
    // A large block is left as it is when all of it stays.
    SLIPSTREAM_ASSIGN(const bool complete, keeps_all(*block));
    if (complete) return replace();
  }
  SLIPSTREAM_TRY(take_records(*block));
  replaced_.push_back(summary.last);
  return builder_.bytes() >= kBlockBytes ? replace() : Result<>();
}

Result<> BlockRewriter::visit(const OpenBlock& block,
                              const std::function<bool(const RecordView&)>& each) const {
  BlockCursor cursor(block);
  RecordView record;
  HeaderArena headers;
  while (true) {
    const auto step = cursor.next(record, headers);
    if (step == BlockCursor::Step::end) return {};
    if (step == BlockCursor::Step::malformed) {
      return fail(ErrorCode::store_corrupt, "a block of the log is damaged; restore the log from a backup");
    }
    if (!each(record)) return {};
    headers.clear();
  }
}

Result<bool> BlockRewriter::keeps_all(const OpenBlock& block) const {
  bool all = true;
  SLIPSTREAM_TRY(visit(block, [&](const RecordView& record) { return all = keep_(record); }));
  return all;
}

Result<> BlockRewriter::take_records(const OpenBlock& block) {
  return visit(block, [&](const RecordView& record) {
    if (keep_(record)) {
      const auto value = record.tombstone ? std::nullopt : std::optional(record.value);
      builder_.add(record.offset, record.timestamp, record.key, value, record.headers);
    } else {
      ++removed_here_;
    }
    return true;
  });
}

Result<> BlockRewriter::replace() {
  if (replaced_.empty()) return {};
  const bool worth = removed_here_ > 0 || replaced_.size() >= kMergeFrom;
  const bool empty = builder_.empty();
  const auto block = builder_.finish(replaced_.back());
  const auto replaced = std::exchange(replaced_, {});
  const auto removed = std::exchange(removed_here_, 0);
  if (!worth) return {};
  auto batch = storage_.batch();
  for (const auto last : replaced) {
    if (last != replaced.back() || empty) batch.remove_block(partition_, last);
  }
  if (!empty) batch.put_block(partition_, replaced.back(), block);
  SLIPSTREAM_TRY(queue_.write(batch));
  removed_ += removed;
  return {};
}

}  // namespace slipstream
