#include "connectors/log/kafka_positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "connectors/log/kafka_error.h"
#include "connectors/log/kafka_reader.h"
#include "connectors/log/positions.h"

namespace slipstream {
namespace {

constexpr std::int64_t kFirstPiece = 64;  // offsets
constexpr std::int64_t kGrowth = 16;
constexpr std::size_t kRecordsMax = 1000;
constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr Duration kPollWait = milliseconds(200);

std::string key_of(std::string_view group, std::string_view member) {
  return fmt::format("{}/{}", group, member);
}

}  // namespace

tl::unexpected<Error> undecided(const TopicPartition& at, Offset from) {
  return fail(
      ErrorCode::log_unavailable,
      fmt::format("{} {} has an undecided transaction at offset {} for more than {} s; are its brokers well?",
                  at.topic, at.partition.value, from.value, kUndecidedMax.us / 1'000'000));
}

OutputRecord record_of_positions(const Transaction& transaction, const std::string& topic,
                                 std::int32_t partitions) {
  std::string key = key_of(transaction.group, transaction.member);
  const Partition partition = partition_of(key, partitions);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {topic,
          partition,
          std::move(key),
          encode_positions({transaction.next, transaction.metadata}),
          {},
          Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(now).count()}};
}

Result<CommittedPositions> read_positions(std::string_view group, std::string_view member,
                                          KafkaTopics& topics, KafkaClient& of_everything,
                                          const KafkaLogOptions& options) {
  const std::string key = key_of(group, member);
  SLIPSTREAM_ASSIGN(const std::int32_t partitions, topics.partitions_of(options.positions_topic));
  const TopicPartition at{options.positions_topic, partition_of(key, partitions)};
  of_everything.serve();
  std::int64_t earliest = 0, end = 0;
  const auto asked =
      rd_kafka_query_watermark_offsets(of_everything.get(), at.topic.c_str(), at.partition.value, &earliest,
                                       &end, milliseconds_of(options.answer_wait_max));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected(kafka_error(asked, fmt::format("the positions of {} cannot be read", key),
                                      of_everything.last_trouble()));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Reader> reader, KafkaReader::open(topics, options));
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(kUndecidedMax.us);
  std::optional<CommittedPositions> newest;
  std::int64_t known_from = end;  // from here on everything has been read
  for (std::int64_t piece = kFirstPiece; !newest && known_from > earliest; piece *= kGrowth) {
    const std::int64_t from = std::max(earliest, known_from - piece);
    SLIPSTREAM_TRY(reader->seek(at, Offset(from)));
    for (Offset next(from); next.value < known_from;) {
      SLIPSTREAM_ASSIGN(const auto batches, reader->poll(kRecordsMax, kBytesMax, kPollWait));
      for (const ReadBatch& batch : batches) {
        for (const RecordView& record : batch.records) {
          if (record.key != key || record.offset.value >= known_from) continue;
          newest = decode_positions(record.value);
          if (!newest)
            return fail(
                ErrorCode::store_corrupt,
                fmt::format("{} {} has at offset {} no positions of {}; has another program written there?",
                            at.topic, at.partition.value, record.offset.value, key));
        }
        next = batch.next;
      }
      if (batches.empty() && std::chrono::steady_clock::now() > until) return undecided(at, next);
    }
    known_from = from;
  }
  return newest.value_or(CommittedPositions());
}

}  // namespace slipstream
