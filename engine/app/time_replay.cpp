#include "engine/app/time_replay.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/app/decisions.h"
#include "engine/decode/catalogue.h"
#include "engine/log/memory_log.h"
#include "engine/shard/event_place.h"
#include "engine/state/memory_store.h"
#include "engine/view/expulsions.h"

namespace slipstream {
namespace {

OutputRecord copy_of(const RecordView& record, const std::string& topic) {
  OutputRecord out{topic, Partition(0),    std::string(record.key), std::string(record.value),
                   {},    record.timestamp};
  out.headers.assign(record.headers.begin(), record.headers.end());
  return out;
}

// For the events of one partition in order: was this one expelled, or a copy of one that was to be? A copy
// behind the place is the replay, which counts.
class ExpelledEvents {
 public:
  explicit ExpelledEvents(const Expulsions& expulsions) : expulsions_(expulsions) {}

  bool contain(const Event& event, Offset offset) {
    const bool expelled = expulsions_.contains(offset);
    const EventKind kind = kind_of(event.type);
    if (kind != EventKind::task && kind != EventKind::measurement) return expelled;
    const std::tuple name{Folding::entity_key(event), std::string(event.source), std::string(event.id)};
    if (expelled) places_[name] = expulsions_.place_of(offset);
    const auto place = places_.find(name);
    return place != places_.end() && offset < place->second;
  }

 private:
  const Expulsions& expulsions_;
  std::map<std::tuple<std::string, std::string, std::string>, Offset> places_;
};

// The end of the step that holds the instant.
Timestamp end_of_step(Timestamp at) {
  const std::int64_t rest =
      ((at.us % TimeReplay::kResolution.us) + TimeReplay::kResolution.us) % TimeReplay::kResolution.us;
  return rest == 0 ? at : Timestamp{at.us - rest + TimeReplay::kResolution.us};
}

}  // namespace

Result<std::vector<TimedRecord>> records_in_time(const EventSource& source, std::int32_t partitions) {
  std::vector<TimedRecord> records;
  const auto read = [&](const std::string& topic, Partition partition, const auto& is_out) -> Result<> {
    const TopicPartition at{topic, partition};
    SLIPSTREAM_ASSIGN(const OffsetRange range, source.log.offsets(at));
    return scan_events(source, at, range.end, [&](const Event& event, const RecordView& record) -> Result<> {
      if (place_of(event, partitions) != EventPlace{topic == source.topics.reference, partition}) return {};
      if (is_out(event, record.offset)) return {};
      records.push_back({event.effective_at, copy_of(record, topic)});
      return {};
    });
  };
  SLIPSTREAM_TRY(read(source.topics.reference, Partition(0), [](const Event&, Offset) { return false; }));
  for (std::int32_t i = 0; i < partitions; ++i) {
    SLIPSTREAM_ASSIGN(const OffsetRange decisions,
                      source.log.offsets({source.topics.decisions, Partition(i)}));
    SLIPSTREAM_ASSIGN(const Expulsions expulsions, Expulsions::read(source, Partition(i), decisions.end));
    ExpelledEvents expelled(expulsions);
    SLIPSTREAM_TRY(read(source.topics.events, Partition(i),
                        [&](const Event& event, Offset offset) { return expelled.contain(event, offset); }));
  }
  std::stable_sort(records.begin(), records.end(), [](const TimedRecord& a, const TimedRecord& b) {
    return a.effective_at < b.effective_at;
  });
  return records;
}

Result<TimeReplay> TimeReplay::open(const Plan& plan, DecodeOptions decode) {
  TimeReplay replay;
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
