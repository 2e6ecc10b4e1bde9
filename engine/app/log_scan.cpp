#include "engine/app/log_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::size_t kRecordsPerPoll = 4096;
constexpr std::size_t kBytesPerPoll = std::size_t{4} << 20;

}  // namespace

Result<> scan_partition(EventLog& log, const TopicPartition& at, const ScanRange& range,
                        const std::function<bool(const RecordView&)>& visit) {
  SLIPSTREAM_ASSIGN(const OffsetRange there, log.offsets(at));
  const Offset end = std::min(range.to.value_or(there.end), there.end);
  Offset next = std::max(range.from.value_or(there.earliest), there.earliest);
  const auto reader = log.open_reader();
  SLIPSTREAM_TRY(reader->seek(at, next));
  while (next < end) {
    SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches,
                      reader->poll(kRecordsPerPoll, kBytesPerPoll, Duration{}));
    if (batches.empty()) return {};  // what is left was compacted away
    for (const ReadBatch& batch : batches) {
      for (const RecordView& record : batch.records)
        if (record.offset >= end || !visit(record)) return {};
      next = batch.next;
    }
  }
  return {};
}

Result<std::int32_t> partitions_of(EventLog& log, const std::string& topic) {
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, log.topics());
  for (const TopicOptions& options : topics)
    if (options.name == topic) return options.partitions;
  return fail(ErrorCode::not_found,
              fmt::format("the log has no topic '{}'; `slipstream log list` shows them", topic));
}

}  // namespace slipstream
