// Walks a topic's committed records from first to last, as they stand when the walk begins.
#pragma once

#include <functional>
#include <optional>

#include "engine/log/event_log.h"

namespace slipstream {

struct ScanRange {
  std::optional<Offset> from;  // none: the earliest there is
  std::optional<Offset> to;    // exclusive; none: the end as it is now
};
// Visits the records of one partition in order until the visitor returns false.
Result<> scan_partition(EventLog& log, const TopicPartition& at, const ScanRange& range,
                        const std::function<bool(const RecordView&)>& visit);

// The number of partitions of a topic; error not_found.
Result<std::int32_t> partitions_of(EventLog& log, const std::string& topic);

}  // namespace slipstream
