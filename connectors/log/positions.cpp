#include "connectors/log/positions.h"

#include "engine/base/encoding.h"

namespace slipstream {

std::string encode_positions(const CommittedPositions& positions) {
  std::string bytes;
  append_varint(bytes, positions.next.size());
  for (const auto& [at, offset] : positions.next) {
    append_string(bytes, at.topic);
    append_zigzag(bytes, at.partition.value);
    append_zigzag(bytes, offset.value);
  }
  append_string(bytes, positions.metadata);
  return bytes;
}

std::optional<CommittedPositions> decode_positions(std::string_view bytes) {
  CommittedPositions positions;
  std::uint64_t count = 0;
  ByteReader reader(bytes);
  if (!reader.read_varint(count)) return std::nullopt;
  for (; count > 0; --count) {
    TopicPartition at;
    std::int64_t partition = 0;
    Offset offset;
    if (!reader.read_string(at.topic) || !reader.read_zigzag(partition) ||
        !reader.read_zigzag(offset.value)) {
      return std::nullopt;
    }
    at.partition = Partition(static_cast<std::int32_t>(partition));
    positions.next.emplace(std::move(at), offset);
  }
  if (!reader.read_string(positions.metadata)) return std::nullopt;
  return positions;
}

}  // namespace slipstream
