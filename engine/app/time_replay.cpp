#include "engine/app/time_replay.h"

#include <algorithm>

#include "engine/app/decisions.h"
#include "engine/app/standing_records.h"
#include "engine/log/memory_log.h"
#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

// The end of the step that holds the instant.
Timestamp end_of_step(Timestamp at) {
  const std::int64_t rest =
      ((at.us % TimeReplay::kResolution.us) + TimeReplay::kResolution.us) % TimeReplay::kResolution.us;
  return rest == 0 ? at : Timestamp{at.us - rest + TimeReplay::kResolution.us};
}

}  // namespace

Result<std::vector<TimedRecord>> records_in_time(const EventSource& source, std::int32_t partitions) {
  std::vector<TimedRecord> records;
  SLIPSTREAM_TRY(visit_standing_records(
      source, partitions,
      [&](const Event& event, const std::string& topic, const RecordView& record) -> Result<> {
        records.push_back({event.effective_at, copy_of(record, topic)});
        return {};
      }));
  std::stable_sort(records.begin(), records.end(), [](const TimedRecord& a, const TimedRecord& b) {
    return a.effective_at < b.effective_at;
  });
  return records;
}

Result<TimeReplay> TimeReplay::open(const Plan& plan, TopicNames topics, DecodeOptions decode) {
  TimeReplay replay;
  replay.topics_ = std::move(topics);
  replay.log_ = std::make_unique<MemoryLog>();
  LocalEngine::Options options;
  options.topics = replay.topics_;
  options.decode = std::move(decode);
  options.resolution = kResolution;
  SLIPSTREAM_ASSIGN(replay.engine_, LocalEngine::open(plan, options, *replay.log_,
                                                      [](Partition) -> Result<std::unique_ptr<Store>> {
                                                        return std::make_unique<MemoryStore>();
                                                      }));
  return replay;
}

Result<> TimeReplay::play(const std::vector<TimedRecord>& records, Timestamp until,
                          const std::function<void(Timestamp)>& progress) {
  std::vector<OutputRecord> step;
  for (auto next = records.begin(); next != records.end() && next->effective_at < until;) {
    const Timestamp at = std::min(end_of_step(next->effective_at), until);
    step.clear();
    for (; next != records.end() && next->effective_at <= at && next->effective_at < until; ++next)
      step.push_back(next->record);
    SLIPSTREAM_TRY(engine_->advance_to(at));
    SLIPSTREAM_TRY(log_->append(step));
    SLIPSTREAM_TRY(engine_->judge());
    if (progress) progress(at);
  }
  return engine_->advance_to(until);
}

Result<std::vector<AlertRecord>> TimeReplay::decisions() { return read_decisions(*log_, topics_, 1); }

}  // namespace slipstream
