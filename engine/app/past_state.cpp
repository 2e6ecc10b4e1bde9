#include "engine/app/past_state.h"

#include <fmt/format.h>

#include <vector>

#include "engine/app/standing_records.h"
#include "engine/base/hash.h"
#include "engine/log/memory_log.h"
#include "engine/shard/local_engine.h"
#include "engine/state/memory_store.h"

namespace slipstream {
namespace {

constexpr std::size_t kRecordsAtOnce = 10'000;

std::vector<TopicPartition> read_from(const EventSource& source, std::int32_t partitions) {
  std::vector<TopicPartition> places{{source.topics.reference, Partition(0)}};
  for (std::int32_t i = 0; i < partitions; ++i)
    places.push_back({source.topics.events, Partition(i)});
  return places;
}

// Of what the figures depend on: the log is only appended to.
Result<std::string> version_of(const Plan& plan, const EventSource& source, std::int32_t partitions,
                               Timestamp at) {
  std::string ends = fmt::format("{} {}", plan.version, at.us);
  std::vector<TopicPartition> places = read_from(source, partitions);
  for (std::int32_t i = 0; i < partitions; ++i)
    places.push_back({source.topics.decisions, Partition(i)});
  for (const TopicPartition& place : places) {
    SLIPSTREAM_ASSIGN(const OffsetRange range, source.log.offsets(place));
    ends += fmt::format(" {}", range.end.value);
  }
  return fmt::format("{:016x}", hash64(ends));
}

// One shard over a log and a store in memory, its clock at rest until everything is read.
class Fold {
 public:
  static Result<Fold> begin(const Plan& plan, const EventSource& source) {
    Fold fold;
    fold.log_ = std::make_unique<MemoryLog>();
    LocalEngine::Options options;
    options.topics = source.topics;
    options.decode = source.decode;
    options.resolution = days(100 * 366);  // the clock goes on to the end in one step
    SLIPSTREAM_ASSIGN(fold.engine_, LocalEngine::open(plan, options, *fold.log_,
                                                      [](Partition) -> Result<std::unique_ptr<Store>> {
                                                        return std::make_unique<MemoryStore>();
                                                      }));
    return fold;
  }

  Result<> take(OutputRecord record) {
    waiting_.push_back(std::move(record));
    ++records_;
    return waiting_.size() < kRecordsAtOnce ? Result<>() : read();
  }

  Result<PastState> end_at(Timestamp at, std::shared_ptr<const Plan> plan) {
    SLIPSTREAM_TRY(read());
    SLIPSTREAM_TRY(engine_->advance_to(at));
    PastState past;
    past.state.plan = std::move(plan);
    past.state.shards.push_back(engine_->store(0).snapshot());
    past.clock = at;
    past.records = records_;
    return past;
  }

 private:
  Result<> read() {
    SLIPSTREAM_TRY(log_->append(waiting_));
    waiting_.clear();
    return engine_->settle();
  }

  std::unique_ptr<EventLog> log_;
  std::unique_ptr<LocalEngine> engine_;
  std::vector<OutputRecord> waiting_;
  std::uint64_t records_ = 0;
};

}  // namespace

Result<PastState> fold_until(const std::shared_ptr<const Plan>& plan, const EventSource& source,
                             std::int32_t partitions, Timestamp at, const std::function<bool()>& goes_on) {
  SLIPSTREAM_ASSIGN(const std::string version, version_of(*plan, source, partitions, at));
  SLIPSTREAM_ASSIGN(Fold fold, Fold::begin(*plan, source));
  SLIPSTREAM_TRY(visit_standing_records(
      source, partitions,
      [&](const Event& event, const std::string& topic, const RecordView& record) -> Result<> {
        if (goes_on && !goes_on())
          return fail(ErrorCode::log_unavailable, "the instance ends; ask another one, or again later");
        return event.effective_at > at ? Result<>() : fold.take(copy_of(record, topic));
      }));
  SLIPSTREAM_ASSIGN(PastState past, fold.end_at(at, plan));
  past.version = version;
  return past;
}

Result<std::uint64_t> records_in_log(const EventSource& source, std::int32_t partitions) {
  std::uint64_t records = 0;
  for (const TopicPartition& place : read_from(source, partitions)) {
    SLIPSTREAM_ASSIGN(const OffsetRange range, source.log.offsets(place));
    records += static_cast<std::uint64_t>(range.end.value - range.earliest.value);
  }
  return records;
}

}  // namespace slipstream
