// Kafka's default partitioner, so that a key lands where Kafka's own clients would put it.
//
// The hash is Austin Appleby's MurmurHash2 with the seed and the little-endian reading of Kafka's
// org.apache.kafka.common.utils.Utils.murmur2; the sign bit is cleared (toPositive), then modulo partitions.
#include "engine/log/partitioner.h"

namespace slipstream {
namespace {

constexpr std::uint32_t kSeed = 0x9747b28c;
constexpr std::uint32_t kMultiplier = 0x5bd1e995;

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

std::uint32_t mixed_word(std::string_view bytes, std::size_t index) {
  std::uint32_t word = byte_at(bytes, index) | byte_at(bytes, index + 1) << 8 |
                       byte_at(bytes, index + 2) << 16 | byte_at(bytes, index + 3) << 24;
  word *= kMultiplier;
  word ^= word >> 24;
  return word * kMultiplier;
}

}  // namespace

std::int32_t murmur2(std::string_view bytes) {
  auto hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  const std::size_t whole = bytes.size() & ~std::size_t{3};
  for (std::size_t index = 0; index < whole; index += 4) {
    hash = hash * kMultiplier ^ mixed_word(bytes, index);
  }
  const std::size_t rest = bytes.size() - whole;
  if (rest == 3) hash ^= byte_at(bytes, whole + 2) << 16;
  if (rest >= 2) hash ^= byte_at(bytes, whole + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte_at(bytes, whole)) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

Partition partition_of(std::string_view key, std::int32_t partitions) {
  SLIPSTREAM_INVARIANT(partitions > 0, "partitions " + std::to_string(partitions));
  return Partition((murmur2(key) & 0x7fffffff) % partitions);
}

}  // namespace slipstream
