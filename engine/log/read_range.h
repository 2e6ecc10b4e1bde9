// Reading what a partition holds between two offsets, to its end.
#pragma once

#include <functional>

#include "engine/log/event_log.h"

namespace slipstream {

// Visits the batches of [from, to) in order, trimmed to it, until the visitor returns false. What is not
// there yet is waited for: `to` must have been reached by offsets().end. Errors: offset_out_of_range, not_found,
// log_unavailable when nothing comes for 90 seconds, and the visitor's.
Result<> read_range(EventLog& log, const TopicPartition& at, Offset from, Offset to,
                    const std::function<Result<bool>(const ReadBatch&)>& visit);

// The same, record by record.
Result<> read_records(EventLog& log, const TopicPartition& at, Offset from, Offset to,
                      const std::function<Result<bool>(const RecordView&)>& visit);

}  // namespace slipstream
