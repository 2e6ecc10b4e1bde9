// Byte formats of the embedded log's three column families; the formats of engine/base/encoding.h.
//
// blocks    block key -> a record block (record_block.h)
// index     block key -> its summary: varints last - first offset, records, record bytes;
//           zigzag newest timestamp. Apart from the blocks, so that retention and readers find
//           blocks without reading them.
// default   "f" -> format version u32
//           "t" key-string name -> u32 topic id, u32 partitions, u8 cleanup,
//               u8 flags (1 retention, 2 retention bytes), [zigzag retention us], [varint retention bytes]
//           "p" key-string group, key-string member -> the member's positions (positions.h)
//           "m" u32 topic id, u32 partition -> zigzag earliest, end, cleaned_to: the marks that blocks do
//               not show
// block key u32 topic id, u32 partition, u64 last offset. By the *last* offset, so that seeking an offset
//           finds its block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/log/record_block.h"
#include "engine/log/event_log.h"

namespace slipstream {

inline constexpr std::uint32_t kEmbeddedFormat = 1;
inline constexpr std::string_view kFormatKey = "f";
inline constexpr std::string_view kTopicPrefix = "t";

struct PartitionId {
  std::uint32_t topic = 0;
  std::uint32_t partition = 0;
};

struct BlockSummary {
  Offset first;
  Offset last;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
  Timestamp newest;
};

struct PartitionMarks {
  Offset earliest;
  Offset end;         // at least; blocks may go beyond
  Offset cleaned_to;  // compaction and merging have seen everything below
};

struct StoredTopic {
  std::uint32_t id = 0;
  TopicOptions options;
};

std::string block_key(PartitionId partition, Offset last);
std::optional<Offset> last_offset_of(std::string_view block_key);

std::string encode_summary(const RecordBlock& block);
std::optional<BlockSummary> decode_summary(std::string_view block_key, std::string_view value);

std::string topic_key(std::string_view name);
std::string encode_topic(const StoredTopic& topic);
std::optional<StoredTopic> decode_topic(std::string_view key, std::string_view value);

std::string positions_key(std::string_view group, std::string_view member);

std::string marks_key(PartitionId partition);
std::string encode_marks(const PartitionMarks& marks);
std::optional<PartitionMarks> decode_marks(std::string_view value);

}  // namespace slipstream
