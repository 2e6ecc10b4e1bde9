// What every implementation of the log refuses, in the same words and with the same codes.
#pragma once

#include <string_view>

#include "engine/log/event_log.h"

namespace slipstream {

inline constexpr std::int32_t kPartitionsMax = 10'000;
// Key, value and headers of one record. Kafka's brokers accept 1 MB unless told otherwise.
inline constexpr std::size_t kRecordBytesMax = std::size_t{64} << 20;
// All records of one append or transaction.
inline constexpr std::size_t kCommitBytesMax = std::size_t{1} << 30;

// invalid_value unless Kafka would accept the topic too: names of [a-zA-Z0-9._-], 1 to 249 characters.
Result<> check_topic(const TopicOptions& options);
// record_too_large beyond kRecordBytesMax for one record or kCommitBytesMax for all.
Result<> check_sizes(std::span<const OutputRecord> records);
// invalid_value when there are positions or metadata but no group and member to keep them for.
Result<> check_positions(const Transaction& transaction);

tl::unexpected<Error> topic_differs(std::string_view topic);
tl::unexpected<Error> unknown_topic(std::string_view topic);
tl::unexpected<Error> unknown_partition(std::string_view topic, Partition partition, std::int32_t partitions);
tl::unexpected<Error> out_of_range(const TopicPartition& at, Offset offset, OffsetRange range);
tl::unexpected<Error> producer_fenced(std::string_view identity);

std::size_t bytes_of(const OutputRecord& record);  // key, value and headers

}  // namespace slipstream
