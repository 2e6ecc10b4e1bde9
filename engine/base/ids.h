// Strong types for the numbers that must not be mixed up: mixing two does not compile.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace slipstream {

template <class Tag, class Number>
struct StrongNumber {
  Number value{};
  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(Number number) : value(number) {}
  friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;
  constexpr StrongNumber next() const { return StrongNumber(static_cast<Number>(value + 1)); }
};

// Position of a record in its partition, from 0; the committed offset of a reader is the next one to read.
using Offset = StrongNumber<struct OffsetTag, std::int64_t>;
// Partition of a topic, from 0. A shard owns the partitions of one number, so it is also the shard's number.
using Partition = StrongNumber<struct PartitionTag, std::int32_t>;
// Number of commits a shard has made, from 1; the version of its partials.
using CommitSequence = StrongNumber<struct CommitSequenceTag, std::uint64_t>;

struct TopicPartition {
  std::string topic;
  Partition partition;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

// Where an accepted event stands in the log: what `explain` and alert evidence cite.
struct EventPosition {
  std::string topic;
  Partition partition;
  Offset offset;
  friend auto operator<=>(const EventPosition&, const EventPosition&) = default;
};

}  // namespace slipstream

template <class Tag, class Number>
struct std::hash<slipstream::StrongNumber<Tag, Number>> {
  std::size_t operator()(slipstream::StrongNumber<Tag, Number> number) const noexcept {
    return std::hash<Number>{}(number.value);
  }
};
template <>
struct std::hash<slipstream::TopicPartition> {
  std::size_t operator()(const slipstream::TopicPartition& at) const noexcept {
    return std::hash<std::string>{}(at.topic) * 31 + static_cast<std::size_t>(at.partition.value);
  }
};
