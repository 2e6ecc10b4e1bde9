#include "engine/app/log_scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/log/read_range.h"

namespace slipstream {
Result<> scan_partition(EventLog& log, const TopicPartition& at, const ScanRange& range,
                        const std::function<bool(const RecordView&)>& visit) {
  SLIPSTREAM_ASSIGN(const OffsetRange there, log.offsets(at));
  const Offset end = std::min(range.to.value_or(there.end), there.end);
  const Offset from = std::max(range.from.value_or(there.earliest), there.earliest);
  return read_records(log, at, from, end,
                      [&](const RecordView& record) -> Result<bool> { return visit(record); });
}

Result<std::int32_t> partitions_of(EventLog& log, const std::string& topic) {
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> topics, log.topics());
  for (const TopicOptions& options : topics)
    if (options.name == topic) return options.partitions;
  return fail(ErrorCode::not_found,
              fmt::format("the log has no topic '{}'; `slipstream log list` shows them", topic));
}

}  // namespace slipstream
