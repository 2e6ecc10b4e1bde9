#include "connectors/log/embedded_cleaner.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include "connectors/log/block_rewriter.h"
#include "connectors/log/embedded_reader.h"
#include "engine/base/hash.h"

namespace slipstream {
namespace {

// Below this a partition is compacted whenever asked; above, when a third of it is new, as Kafka does with a
// half.
constexpr std::uint64_t kCheapBytes = std::uint64_t{16} << 20;
constexpr std::size_t kBlocksToMerge = 8;

}  // namespace

// The newest offset of each key, by a 128-bit hash of it: two keys never meet in practice.
class PartitionCleaner::NewestOffsets {
 public:
  void set(std::string_view key, Offset offset) { offsets_[hash128(key)] = offset; }
  std::size_t size() const { return offsets_.size(); }
  bool supersedes(const RecordView& record) const {
    const auto found = offsets_.find(hash128(record.key));
    return found != offsets_.end() && found->second > record.offset;
  }

 private:
  struct HashOfHash {
    std::size_t operator()(const Hash128& hash) const { return hash.low; }
  };

  boost::unordered_flat_map<Hash128, Offset, HashOfHash> offsets_;
};

Result<Cleaned> PartitionCleaner::clean() {
  Cleaned cleaned;
  if (rules_.options.cleanup == Cleanup::compact) {
    SLIPSTREAM_ASSIGN(cleaned.records, compact());
    return cleaned;
  }
  SLIPSTREAM_ASSIGN(cleaned, retain());
  SLIPSTREAM_TRY(merge());
  return cleaned;
}

void PartitionCleaner::put_marks(StorageBatch& batch) const {
  const auto range = partition_.range();
  batch.put_meta(marks_key(partition_.id), encode_marks({range.earliest, range.end, partition_.cleaned_to}));
}

// The blocks, from the earliest on, that may go: whole ones only.
Result<std::vector<BlockSummary>> PartitionCleaner::beyond_retention() const {
  const auto& options = rules_.options;
  const auto range = partition_.range();
  std::vector<BlockSummary> doomed;
  std::uint64_t bytes = 0;
  if (options.retention_bytes) {
    SLIPSTREAM_TRY(storage_.summaries(partition_.id, range.earliest, [&](const BlockSummary& block) {
      bytes += block.record_bytes;
      return true;
    }));
  }
  SLIPSTREAM_TRY(storage_.summaries(partition_.id, range.earliest, [&](const BlockSummary& block) {
    const bool old = options.retention && block.newest < rules_.now - *options.retention;
    const bool much = options.retention_bytes && bytes > *options.retention_bytes;
    if (block.last >= range.end || (!old && !much)) return false;
    bytes -= std::min(bytes, block.record_bytes);
    doomed.push_back(block);
    return true;
  }));
  return doomed;
}

Result<Cleaned> PartitionCleaner::retain() {
  Cleaned cleaned;
  if (!rules_.options.retention && !rules_.options.retention_bytes) return cleaned;
  SLIPSTREAM_ASSIGN(const auto doomed, beyond_retention());
  if (doomed.empty()) return cleaned;
  auto batch = storage_.batch();
  for (const auto& block : doomed) {
    batch.remove_block(partition_.id, block.last);
    cleaned.records += block.records;
    cleaned.record_bytes += block.record_bytes;
  }
  cleaned.removed_to = doomed.back().last;
  // Readers learn of it before the blocks go, so that none takes the hole for a gap.
  const auto before = partition_.earliest.exchange(cleaned.removed_to->next().value);
  partition_.cleaned_to = std::max(partition_.cleaned_to, cleaned.removed_to->next());
  put_marks(batch);
  auto written = queue_.write(batch);
  if (written) return cleaned;
  partition_.earliest.store(before);
  return tl::unexpected<Error>(std::move(written).error());
}

Result<> PartitionCleaner::merge() {
  const auto range = partition_.range();
  std::size_t small = 0;
  SLIPSTREAM_TRY(storage_.summaries(partition_.id, partition_.cleaned_to, [&](const BlockSummary& block) {
    if (block.last < range.end && block.record_bytes < kBlockBytes / 2) ++small;
    return true;
  }));
  if (small < kBlocksToMerge) return {};
  SLIPSTREAM_TRY(rewrite(partition_.cleaned_to, range.end, [](const RecordView&) { return true; }));
  partition_.cleaned_to = range.end;
  auto batch = storage_.batch();
  put_marks(batch);
  return queue_.write(batch);
}

Result<bool> PartitionCleaner::worth_compacting() const {
  std::uint64_t clean = 0;
  std::uint64_t dirty = 0;
  SLIPSTREAM_TRY(
      storage_.summaries(partition_.id, partition_.range().earliest, [&](const BlockSummary& block) {
        (block.last < partition_.cleaned_to ? clean : dirty) += block.record_bytes;
        return true;
      }));
  return clean + dirty > 0 && (clean < kCheapBytes || dirty >= clean / 2);
}

// Kafka's way: remember the newest offset of each key of the part that is new, as many as fit, then drop from
// everything before what those supersede; again until the end.
Result<std::uint64_t> PartitionCleaner::compact() {
  SLIPSTREAM_ASSIGN(const bool worth, worth_compacting());
  if (!worth) return 0;
  const auto range = partition_.range();
  std::uint64_t removed = 0;
  do {
    NewestOffsets newest;
    SLIPSTREAM_ASSIGN(const Offset covered, collect_newest(newest, range.end));
    const auto keep = [&](const RecordView& record) {
      // The last record stays even when it is an expired tombstone: no reader then waits at a gap.
      if (record.offset.next() == range.end) return true;
      if (record.tombstone && record.timestamp < rules_.now - kTombstoneRetention) return false;
      return !newest.supersedes(record);
    };
    SLIPSTREAM_ASSIGN(const auto here, rewrite(range.earliest, covered, keep));
    removed += here;
    if (partition_.cleaned_to == covered) break;
    partition_.cleaned_to = covered;
    auto batch = storage_.batch();
    put_marks(batch);
    SLIPSTREAM_TRY(queue_.write(batch));
  } while (partition_.cleaned_to < range.end);
  return removed;
}

// Returns the offset below which every key is in `newest`: `end`, or less when that would be too many keys.
Result<Offset> PartitionCleaner::collect_newest(NewestOffsets& newest, Offset end) const {
  Offset covered = partition_.cleaned_to;
  PartitionCursor cursor(storage_, partition_, covered);
  while (newest.size() < rules_.keys_max) {
    PollLimits limits{std::max<std::size_t>(rules_.keys_max / 4, 1), kBlockBytes};
    SLIPSTREAM_ASSIGN(const auto batch, cursor.take(limits));
    if (!batch) return end;
    for (const auto& record : batch->records) {
      if (record.offset >= end) return end;
      newest.set(record.key, record.offset);
    }
    covered = batch->next;
  }
  return covered;
}

Result<std::uint64_t> PartitionCleaner::rewrite(Offset from, Offset to, const Keep& keep) {
  std::vector<BlockSummary> blocks;
  SLIPSTREAM_TRY(storage_.summaries(partition_.id, from, [&](const BlockSummary& block) {
    if (block.last >= to) return false;
    blocks.push_back(block);
    return true;
  }));
  BlockRewriter rewriter(storage_, queue_, partition_.id, keep);
  for (const auto& block : blocks)
    SLIPSTREAM_TRY(rewriter.add(block));
  SLIPSTREAM_TRY(rewriter.finish());
  return rewriter.removed();
}

}  // namespace slipstream
