#include "engine/shard/refusals.h"

#include <algorithm>

#include "engine/decode/dead_letter.h"

namespace slipstream {
namespace {

constexpr std::size_t kRecordsPerPoll = 4096;
constexpr std::size_t kBytesPerPoll = std::size_t{4} << 20;
constexpr Duration kWait = seconds(1);
constexpr int kWaitsMax = 60;

}  // namespace

Result<Refusals> Refusals::read(EventLog& log, const TopicNames& topics, Offset from) {
  Refusals refusals;
  refusals.end_ = from;
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> there, log.topics());
  if (std::none_of(there.begin(), there.end(), [&](const TopicOptions& topic) { return topic.name == topics.dead_letters; }))
    return refusals;
  const TopicPartition at{topics.dead_letters, Partition(0)};
  SLIPSTREAM_ASSIGN(const OffsetRange range, log.offsets(at));
  const auto reader = log.open_reader();
  Offset& next = refusals.end_ = std::max(from, range.earliest);
  SLIPSTREAM_TRY(reader->seek(at, next));
  for (int empty = 0; next < range.end;) {
    SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches, reader->poll(kRecordsPerPoll, kBytesPerPoll, kWait));
    if (batches.empty() && ++empty == kWaitsMax)
      return fail(ErrorCode::log_unavailable, "the log gives no dead letters though it has some; is its broker reachable?");
    for (const ReadBatch& batch : batches) {
      for (const RecordView& letter : batch.records)
        if (letter.offset >= next) refusals.take(letter);  // not what is delivered again
      next = std::max(next, batch.next);
    }
  }
  for (Places* places : {&refusals.refused_, &refusals.expelled_})
    for (auto& [place, offsets] : *places) std::sort(offsets.begin(), offsets.end());
  return refusals;
}

void Refusals::take(const RecordView& record) {
  const auto letter = from_record(record);
  if (!letter) return;
  Places& places = letter->stage == kStageOfExpelled ? expelled_ : refused_;
  places[{letter->at.topic, letter->at.partition}].push_back(letter->at.offset);
}

bool Refusals::any_before(const TopicPartition& at, Offset end) const {
  const auto found = refused_.find(at);
  return found != refused_.end() && !found->second.empty() && found->second.front() < end;
}

bool Refusals::holds(const Places& places, const TopicPartition& at, Offset record) {
  const auto found = places.find(at);
  return found != places.end() && std::binary_search(found->second.begin(), found->second.end(), record);
}

}  // namespace slipstream
