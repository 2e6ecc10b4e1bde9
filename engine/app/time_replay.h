// Events of a log played again in the order in which they became true, under a clock that follows them: what
// the engine would have decided had it been there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/judge/alert_record.h"
#include "engine/shard/local_engine.h"
#include "engine/view/event_scan.h"

namespace slipstream {

struct TimedRecord {
  Timestamp effective_at;
  OutputRecord record;  // as it was, for its own topic; partition not set
};

// Every standing record (standing_records.h) by effective_at; within an instant in the log's order. Holds the log in
// memory.
Result<std::vector<TimedRecord>> records_in_time(const EventSource& source, std::int32_t partitions);

class TimeReplay {
 public:
  // How finely the clock goes. What falls within one step is judged at its end.
  static constexpr Duration kResolution = minutes(1);

  // One shard over a log and a store in memory; `topics` are the records' own.
  static Result<TimeReplay> open(const Plan& plan, TopicNames topics, DecodeOptions decode);

  // Plays records (by effective_at) up to `until` and lets the clock go on to it. `progress`: after each
  // step.
  Result<> play(const std::vector<TimedRecord>& records, Timestamp until,
                const std::function<void(Timestamp)>& progress);
  // Every alert transition so far, in order.
  Result<std::vector<AlertRecord>> decisions();

 private:
  TimeReplay() = default;

  TopicNames topics_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<LocalEngine> engine_;
};

}  // namespace slipstream
