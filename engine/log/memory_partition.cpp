#include "engine/log/memory_partition.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace slipstream {
namespace {
constexpr std::size_t kChunkRecords = 256;
}

// Reserved in full when made, so that pushing moves no record.
struct MemoryPartition::Chunk {
  Chunk() { records.reserve(kChunkRecords); }
  std::vector<StoredRecord> records;
};

void MemoryPartition::push(StoredRecord&& record) {
  if (chunks_.empty() || chunks_.back()->records.size() == kChunkRecords) {
    chunks_.push_back(std::make_shared<Chunk>());
  }
  chunks_.back()->records.push_back(std::move(record));
}

Offset MemoryPartition::append(const OutputRecord& record) {
  const Offset offset = end_;
  push({.offset = offset,
        .timestamp = record.timestamp,
        .key = record.key,
        .value = record.value.value_or(std::string()),
        .headers = record.headers,
        .tombstone = !record.value.has_value()});
  end_ = offset.next();
  return offset;
}

std::vector<MemoryPartition::Slice> MemoryPartition::slices(Offset from, PollLimits& limits) const {
  std::vector<Slice> found;
  auto chunk = std::ranges::upper_bound(chunks_, from, {},
                                        [](const auto& each) { return each->records.front().offset; });
  if (chunk != chunks_.begin()) --chunk;
  for (; chunk != chunks_.end() && !limits.used_up(); ++chunk) {
    const auto& records = (*chunk)->records;
    auto record = std::ranges::lower_bound(records, from, {}, &StoredRecord::offset);
    Slice slice{*chunk, records.data() + (record - records.begin()), 0};
    for (; record != records.end() && !limits.used_up(); ++record, ++slice.count) {
      limits.take(record->bytes());
    }
    if (slice.count > 0) found.push_back(std::move(slice));
  }
  return found;
}

template <class Keep>
std::uint64_t MemoryPartition::rebuild(const Keep& keep) {
  const auto before = std::exchange(chunks_, {});
  std::uint64_t removed = 0;
  for (const auto& chunk : before) {
    for (const auto& record : chunk->records) {
      // Copied, not moved: readers may still look at the old chunk.
      if (keep(record)) {
        push(StoredRecord(record));
      } else {
        ++removed;
      }
    }
  }
  return removed;
}

std::uint64_t MemoryPartition::clean(const TopicOptions& options, Timestamp now) {
  return options.cleanup == Cleanup::compact ? compact(now) : retain(options, now);
}

std::uint64_t MemoryPartition::retain(const TopicOptions& options, Timestamp now) {
  std::uint64_t bytes = 0;
  for (const auto& chunk : chunks_) {
    for (const auto& record : chunk->records)
      bytes += record.bytes();
  }
  // Only a prefix goes: the first record that must stay keeps all that follow.
  bool prefix = true;
  return rebuild([&](const StoredRecord& record) {
    prefix = prefix && ((options.retention && record.timestamp < now - *options.retention) ||
                        (options.retention_bytes && bytes > *options.retention_bytes));
    if (!prefix) return true;
    bytes -= record.bytes();
    earliest_ = record.offset.next();
    return false;
  });
}

std::uint64_t MemoryPartition::compact(Timestamp now) {
  std::unordered_map<std::string_view, Offset> latest;
  for (const auto& chunk : chunks_) {
    for (const auto& record : chunk->records)
      latest[record.key] = record.offset;
  }
  // The last record stays even when it is an expired tombstone: no reader then waits at a gap.
  const auto keep = [&](const StoredRecord& record) {
    if (record.offset.next() == end_) return true;
    if (record.tombstone && record.timestamp < now - kTombstoneRetention) return false;
    return latest.at(record.key) == record.offset;
  };
  // rebuild() drops the old chunks, and with them the keys that `latest` points to, only when it returns.
  return rebuild(keep);
}

}  // namespace slipstream
