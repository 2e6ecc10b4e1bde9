#include "connectors/log/embedded_format.h"

#include "engine/base/encoding.h"

namespace slipstream {
namespace {

constexpr std::uint8_t kHasRetention = 1;
constexpr std::uint8_t kHasRetentionBytes = 2;

bool read_offset(ByteReader& reader, Offset& offset) { return reader.read_zigzag(offset.value); }

}  // namespace

std::string block_key(PartitionId partition, Offset last) {
  std::string key;
  append_u32(key, partition.topic);
  append_u32(key, partition.partition);
  append_u64(key, static_cast<std::uint64_t>(last.value));
  return key;
}

std::optional<Offset> last_offset_of(std::string_view block_key) {
  ByteReader reader(block_key);
  std::uint64_t skipped = 0;
  std::uint64_t last = 0;
  if (!reader.read_u64(skipped) || !reader.read_u64(last) || !reader.at_end()) return std::nullopt;
  return Offset(static_cast<std::int64_t>(last));
}

std::string encode_summary(const RecordBlock& block) {
  std::string value;
  append_varint(value, static_cast<std::uint64_t>(block.last.value - block.first.value));
  append_varint(value, block.records);
  append_varint(value, block.record_bytes);
  append_zigzag(value, block.newest.us);
  return value;
}

std::optional<BlockSummary> decode_summary(std::string_view block_key, std::string_view value) {
  BlockSummary summary;
  std::uint64_t span = 0;
  const auto last = last_offset_of(block_key);
  ByteReader reader(value);
  if (!last || !reader.read_varint(span) || !reader.read_varint(summary.records) ||
      !reader.read_varint(summary.record_bytes) || !reader.read_zigzag(summary.newest.us)) {
    return std::nullopt;
  }
  summary.last = *last;
  summary.first = Offset(last->value - static_cast<std::int64_t>(span));
  return summary;
}

std::string topic_key(std::string_view name) {
  std::string key(kTopicPrefix);
  append_key_string(key, name);
  return key;
}

std::string encode_topic(const StoredTopic& topic) {
  const auto& options = topic.options;
  std::string value;
  append_u32(value, topic.id);
  append_u32(value, static_cast<std::uint32_t>(options.partitions));
  append_u8(value, static_cast<std::uint8_t>(options.cleanup));
  append_u8(value, static_cast<std::uint8_t>((options.retention ? kHasRetention : 0) |
                                             (options.retention_bytes ? kHasRetentionBytes : 0)));
  if (options.retention) append_zigzag(value, options.retention->us);
  if (options.retention_bytes) append_varint(value, *options.retention_bytes);
  return value;
}

std::optional<StoredTopic> decode_topic(std::string_view key, std::string_view value) {
  StoredTopic topic;
  std::uint32_t partitions = 0;
  std::uint8_t cleanup = 0;
  std::uint8_t flags = 0;
  ByteReader name(key.substr(kTopicPrefix.size()));
  ByteReader reader(value);
  if (!name.read_key_string(topic.options.name) || !reader.read_u32(topic.id) ||
      !reader.read_u32(partitions) || !reader.read_u8(cleanup) ||
      cleanup > static_cast<std::uint8_t>(Cleanup::compact) || !reader.read_u8(flags)) {
    return std::nullopt;
  }
  if ((flags & kHasRetention) != 0 && !reader.read_zigzag(topic.options.retention.emplace().us))
    return std::nullopt;
  if ((flags & kHasRetentionBytes) != 0 && !reader.read_varint(topic.options.retention_bytes.emplace())) {
    return std::nullopt;
  }
  topic.options.partitions = static_cast<std::int32_t>(partitions);
  topic.options.cleanup = static_cast<Cleanup>(cleanup);
  return topic;
}

std::string positions_key(std::string_view group, std::string_view member) {
  std::string key = "p";
  append_key_string(key, group);
  append_key_string(key, member);
  return key;
}

std::string marks_key(PartitionId partition) {
  std::string key = "m";
  append_u32(key, partition.topic);
  append_u32(key, partition.partition);
  return key;
}

std::string encode_marks(const PartitionMarks& marks) {
  std::string value;
  append_zigzag(value, marks.earliest.value);
  append_zigzag(value, marks.end.value);
  append_zigzag(value, marks.cleaned_to.value);
  return value;
}

std::optional<PartitionMarks> decode_marks(std::string_view value) {
  PartitionMarks marks;
  ByteReader reader(value);
  if (!read_offset(reader, marks.earliest) || !read_offset(reader, marks.end) ||
      !read_offset(reader, marks.cleaned_to)) {
    return std::nullopt;
  }
  return marks;
}

}  // namespace slipstream
