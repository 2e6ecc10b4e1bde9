#include "engine/log/read_range.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::size_t kRecordsPerPoll = 16'384;
constexpr std::size_t kBytesPerPoll = std::size_t{8} << 20;
// A log that is slow to answer is waited for, as is a transaction that brokers have to end (70 s at most); one that says
// nothing for so long has failed.
constexpr Duration kWait = seconds(1);
constexpr int kWaitsMax = 90;

// A reader of a topic that is deleted meanwhile may just be given nothing more. Brokers that do not answer are waited for.
Result<> check_there(EventLog& log, const TopicPartition& at) {
  const auto there = log.offsets(at);
  if (there || there.error().code != ErrorCode::not_found) return {};
  return tl::unexpected(there.error());
}

}  // namespace

Result<> read_range(EventLog& log, const TopicPartition& at, Offset from, Offset to,
                    const std::function<Result<bool>(const ReadBatch&)>& visit) {
  if (from >= to) return {};
  const auto reader = log.open_reader();
  SLIPSTREAM_TRY(reader->seek(at, from));
  int waits = 0;
  for (Offset next = from; next < to;) {
    SLIPSTREAM_ASSIGN(std::vector<ReadBatch> batches, reader->poll(kRecordsPerPoll, kBytesPerPoll, kWait));
    waits = batches.empty() ? waits + 1 : 0;
    if (waits > 0) SLIPSTREAM_TRY(check_there(log, at));
    if (waits == kWaitsMax)
      return fail(
          ErrorCode::log_unavailable,
          fmt::format(
              "the log gives no records of {} {} from offset {} on, though it has some up to {}; is its "
              "broker reachable?",
              at.topic, at.partition.value, next.value, to.value));
    for (ReadBatch& batch : batches) {
      // A reader may deliver records again.
      std::erase_if(batch.records,
                    [&](const RecordView& record) { return record.offset < next || record.offset >= to; });
      next = std::max(next, std::min(batch.next, to));
      batch.next = next;
      SLIPSTREAM_ASSIGN(const bool go_on, visit(batch));
      if (!go_on) return {};
    }
  }
  return {};
}

Result<> read_records(EventLog& log, const TopicPartition& at, Offset from, Offset to,
                      const std::function<Result<bool>(const RecordView&)>& visit) {
  return read_range(log, at, from, to, [&](const ReadBatch& batch) -> Result<bool> {
    for (const RecordView& record : batch.records) {
      SLIPSTREAM_ASSIGN(const bool go_on, visit(record));
      if (!go_on) return false;
    }
    return true;
  });
}

}  // namespace slipstream
