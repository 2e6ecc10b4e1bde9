#include "connectors/log/kafka_positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "connectors/log/positions.h"
#include "engine/log/read_range.h"

namespace slipstream {
namespace {

constexpr std::int64_t kFirstPiece = 64;  // offsets
constexpr std::int64_t kGrowth = 16;

std::string key_of(std::string_view group, std::string_view member) {
  return fmt::format("{}/{}", group, member);
}

}  // namespace

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

// Backwards in growing pieces: a member's newest record is nearly always among the last ones.
Result<CommittedPositions> read_positions(std::string_view group, std::string_view member, EventLog& log,
                                          KafkaClient& of_everything, KafkaTopics& topics,
                                          const KafkaLogOptions& options) {
  const std::string key = key_of(group, member);
  SLIPSTREAM_ASSIGN(const std::int32_t partitions, topics.partitions_of(options.positions_topic));
  const TopicPartition at{options.positions_topic, partition_of(key, partitions)};
  SLIPSTREAM_ASSIGN(const OffsetRange written, of_everything.offsets(at, *options.patience));
  std::optional<CommittedPositions> newest;
  const auto take = [&](const RecordView& record) -> Result<bool> {
    if (record.key != key) return true;
    newest = decode_positions(record.value);
    if (newest) return true;
    return fail(ErrorCode::store_corrupt,
                fmt::format("{} {} has at offset {} no positions of {}; has another program written there?",
                            at.topic, at.partition.value, record.offset.value, key));
  };
  Offset known_from = written.end;  // from here on everything has been read
  for (std::int64_t piece = kFirstPiece; !newest && known_from > written.earliest; piece *= kGrowth) {
    const Offset from(std::max(written.earliest.value, known_from.value - piece));
    SLIPSTREAM_TRY(read_records(log, at, from, known_from, take));
    known_from = from;
  }
  return newest.value_or(CommittedPositions());
}

}  // namespace slipstream
