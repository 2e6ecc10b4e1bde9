#include "engine/log/topic_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::size_t kNameBytesMax = 249;  // Kafka's limit

bool allowed_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

bool valid_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name != "." && name != ".." &&
         std::ranges::all_of(name, allowed_in_name);
}

}  // namespace

Result<> check_topic(const TopicOptions& options) {
  if (!valid_name(options.name)) {
    return fail(ErrorCode::invalid_value,
                fmt::format("topic name '{}' is not allowed; use 1 to {} of the characters a-z A-Z 0-9 . _ -",
                            options.name, kNameBytesMax));
  }
  if (options.partitions < 1 || options.partitions > kPartitionsMax) {
    return fail(ErrorCode::invalid_value, fmt::format("topic '{}' asks for {} partitions; give 1 to {}",
                                                      options.name, options.partitions, kPartitionsMax));
  }
  return {};
}

Result<> check_sizes(std::span<const OutputRecord> records) {
  std::size_t all = 0;
  for (const auto& record : records) {
    const auto bytes = bytes_of(record);
    if (bytes > kRecordBytesMax) {
      return fail(ErrorCode::record_too_large,
                  fmt::format("a record for topic '{}' has {} bytes, more than the {} one record may have; "
                              "store large evidence elsewhere and send a link",
                              record.topic, bytes, kRecordBytesMax));
    }
    all += bytes;
  }
  if (all <= kCommitBytesMax) return {};
  return fail(ErrorCode::record_too_large,
              fmt::format("{} records have {} bytes together, more than the {} of one append or transaction; "
                          "send fewer at once",
                          records.size(), all, kCommitBytesMax));
}

Result<> check_positions(const Transaction& transaction) {
  if (!transaction.group.empty() && !transaction.member.empty()) return {};
  if (transaction.next.empty() && transaction.metadata.empty()) return {};
  return fail(ErrorCode::invalid_value,
              "a transaction with positions or metadata must name the group and the member they belong to");
}

tl::unexpected<Error> topic_differs(std::string_view topic) {
  return fail(ErrorCode::already_exists,
              fmt::format("topic '{}' exists with other options; use the options it was created with, or "
                          "create a topic of another name",
                          topic));
}

tl::unexpected<Error> unknown_topic(std::string_view topic) {
  return fail(ErrorCode::not_found,
              fmt::format("topic '{}' does not exist; create it first, or correct its name", topic));
}

tl::unexpected<Error> unknown_partition(std::string_view topic, Partition partition,
                                        std::int32_t partitions) {
  return fail(ErrorCode::not_found, fmt::format("topic '{}' has partitions 0 to {}, there is no partition {}",
                                                topic, partitions - 1, partition.value));
}

tl::unexpected<Error> out_of_range(const TopicPartition& at, Offset offset, OffsetRange range) {
  return fail(
      ErrorCode::offset_out_of_range,
      fmt::format("offset {} of topic '{}' partition {} is not readable; it holds {} to {}: retention "
                  "has removed what came before, seek to an offset it holds",
                  offset.value, at.topic, at.partition.value, range.earliest.value, range.end.value));
}

tl::unexpected<Error> producer_fenced(std::string_view identity) {
  return fail(ErrorCode::fenced, fmt::format("producer '{}' was opened again elsewhere, or one of its "
                                             "commits took too long; whoever opened it last goes on",
                                             identity));
}

std::size_t bytes_of(const OutputRecord& record) {
  std::size_t bytes = record.key.size() + (record.value ? record.value->size() : 0);
  for (const auto& header : record.headers)
    bytes += header.name.size() + header.value.size();
  return bytes;
}

}  // namespace slipstream
