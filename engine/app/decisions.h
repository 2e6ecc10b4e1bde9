// The journal of decisions, read back: every alert transition there was.
#pragma once

#include <vector>

#include "engine/judge/alert_record.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

// In order of time, then of alert and number.
void sort_by_time(std::vector<AlertRecord>& records);

// In that order.
Result<std::vector<AlertRecord>> read_decisions(EventLog& log, const TopicNames& topics,
                                                std::int32_t partitions);

// The last transition of each alert, the newest first.
std::vector<AlertRecord> latest_of_each(const std::vector<AlertRecord>& records);

}  // namespace slipstream
