// The journal of decisions, read back: every alert transition there was.
#pragma once

#include <map>
#include <vector>

#include "engine/judge/alert_record.h"
#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

// In order of time, then of alert and number.
void sort_by_time(std::vector<AlertRecord>& records);

// Reads on and on: what was decided since the call before.
class DecisionReader {
 public:
  // Both outlive it.
  DecisionReader(EventLog& log, const TopicNames& topics, std::int32_t partitions)
      : log_(log), topics_(topics), partitions_(partitions) {}
  // In that order. The first call reads from the beginning.
  Result<std::vector<AlertRecord>> take();
  // Passes over what there is.
  Result<> skip();

 private:
  EventLog& log_;
  const TopicNames& topics_;
  const std::int32_t partitions_;
  std::map<Partition, Offset> next_;
};

// In that order.
Result<std::vector<AlertRecord>> read_decisions(EventLog& log, const TopicNames& topics,
                                                std::int32_t partitions);

// The last transition of each alert, the newest first.
std::vector<AlertRecord> latest_of_each(const std::vector<AlertRecord>& records);

}  // namespace slipstream
