#include "engine/app/dead_letter_replay.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr std::size_t kBatchRecords = 500;
constexpr std::size_t kReplayBatchBytes = std::size_t{16} << 20;

Result<bool> has_topic(EventLog& log, const std::string& name) {
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, log.topics());
  for (const TopicOptions& topic : topics)
    if (topic.name == name) return true;
  return false;
}

// A letter without its record says where that stands.
Result<OutputRecord> record_of(EventLog& log, const DeadLetter& letter) {
  if (!letter.left_out) return original_record(letter);
  DeadLetter whole = letter;
  bool found = false;
  const auto take = [&](const RecordView& record) {
    found = true;
    whole.key = record.key;
    if (!record.tombstone) whole.value = std::string(record.value);
    whole.headers.assign(record.headers.begin(), record.headers.end());
    return false;
  };
  SLIPSTREAM_TRY(scan_partition(log, {letter.at.topic, letter.at.partition},
                                {letter.at.offset, letter.at.offset.next()}, take));
  if (found) return original_record(whole);
  return fail(
      ErrorCode::offset_out_of_range,
      fmt::format("{} {} no longer has the record at offset {}, which was too large for its dead letter",
                  letter.at.topic, letter.at.partition.value, letter.at.offset.value));
}

}  // namespace

std::optional<ErrorCode> find_data_code(std::string_view name) {
  for (int code = static_cast<int>(ErrorCode::malformed_record);
       code <= static_cast<int>(ErrorCode::invalid_transition); ++code)
    if (name_of(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  return std::nullopt;
}

std::string replay_key(const PlacedLetter& letter) { return replay_key(letter.at.partition, letter.offset); }

std::string replay_key(Partition partition, Offset offset) {
  return fmt::format("{}/{}", partition.value, offset.value);
}

std::optional<std::pair<Partition, Offset>> parse_replay_key(std::string_view key) {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  const char* const end = key.data() + key.size();
  const auto first = std::from_chars(key.data(), end, partition);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, offset);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  return std::pair(Partition(partition), Offset(offset));
}

Result<> scan_dead_letters(EventLog& log, const TopicNames& names, const DeadLetterChoice& choice,
                           const std::function<bool(const PlacedLetter&)>& visit) {
  SLIPSTREAM_ASSIGN(const std::int32_t partitions, partitions_of(log, names.dead_letters));
  Result<> read;
  for (std::int32_t i = 0; i < partitions; ++i) {
    const TopicPartition at{names.dead_letters, Partition(i)};
    SLIPSTREAM_TRY(scan_partition(log, at, choice.range, [&](const RecordView& record) {
      auto letter = from_record(record);
      if (!letter) {
        read = tl::unexpected(letter.error());
        return false;
      }
      if (choice.code && letter->code != *choice.code) return true;
      return visit({at, record.offset, std::move(*letter)});
    }));
    SLIPSTREAM_TRY(read);
  }
  return {};
}

Result<std::set<std::string>> replayed_letters(EventLog& log, const TopicNames& names) {
  std::set<std::string> replayed;
  SLIPSTREAM_ASSIGN(const bool any, has_topic(log, names.replays));
  if (!any) return replayed;
  SLIPSTREAM_TRY(scan_partition(log, {names.replays, Partition(0)}, {}, [&](const RecordView& record) {
    replayed.emplace(record.key);
    return true;
  }));
  return replayed;
}

Result<ReplayCounts> replay_dead_letters(EventLog& log, const TopicNames& names,
                                         const DeadLetterChoice& choice, bool again, Timestamp now) {
  SLIPSTREAM_TRY(log.create_topic({names.replays, 1, Cleanup::compact, {}, {}}));
  // Whoever else is at it is fenced first, so that what it has replayed is seen.
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Producer> producer, log.open_producer("dead_letters/replay"));
  SLIPSTREAM_ASSIGN(const std::set<std::string> before, replayed_letters(log, names));
  ReplayCounts counts;
  Transaction transaction{{}, "dead_letters", "replay", {}, {}};
  std::size_t bytes = 0;
  Result<> committed;
  const auto commit = [&] {
    if (transaction.outputs.empty()) return true;
    if (const auto offsets = producer->commit(transaction); !offsets)
      committed = tl::unexpected(offsets.error());
    transaction.outputs.clear();
    bytes = 0;
    return committed.has_value();
  };
  SLIPSTREAM_TRY(scan_dead_letters(log, names, choice, [&](const PlacedLetter& letter) {
    if (!again && before.contains(replay_key(letter))) {
      ++counts.replayed_before;
      return true;
    }
    auto record = record_of(log, letter.letter);
    if (!record) {
      committed = tl::unexpected(std::move(record).error());
      return false;
    }
    ++counts.replayed;
    bytes += bytes_of(*record);
    transaction.outputs.push_back(*std::move(record));
    transaction.outputs.push_back(
        {names.replays, Partition(0), replay_key(letter), format_timestamp(now), {}, now});
    return (transaction.outputs.size() < 2 * kBatchRecords && bytes < kReplayBatchBytes) || commit();
  }));
  if (committed) commit();
  SLIPSTREAM_TRY(committed);
  return counts;
}

}  // namespace slipstream
