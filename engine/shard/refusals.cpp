#include "engine/shard/refusals.h"

#include <algorithm>

#include "engine/decode/dead_letter.h"

namespace slipstream {
namespace {

constexpr std::size_t kRecordsPerPoll = 4096;
constexpr std::size_t kBytesPerPoll = std::size_t{4} << 20;
constexpr Duration kWait = seconds(1);

}  // namespace

Result<Refusals> Refusals::read(EventLog& log, const TopicNames& topics) {
  Refusals refusals;
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> there, log.topics());
  if (std::none_of(there.begin(), there.end(), [&](const TopicOptions& topic) { return topic.name == topics.dead_letters; }))
    return refusals;
  const TopicPartition at{topics.dead_letters, Partition(0)};
  SLIPSTREAM_ASSIGN(const OffsetRange range, log.offsets(at));
  const auto reader = log.open_reader();
  SLIPSTREAM_TRY(reader->seek(at, range.earliest));
  for (Offset next = range.earliest; next < range.end;) {
    SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches, reader->poll(kRecordsPerPoll, kBytesPerPoll, kWait));
    if (batches.empty()) break;
    for (const ReadBatch& batch : batches) {
      for (const RecordView& letter : batch.records) refusals.take(letter);
      next = batch.next;
    }
  }
  refusals.sort();
  return refusals;
}

void Refusals::take(const RecordView& record) {
  const auto letter = from_record(record);
  if (!letter) return;
  Places& places = letter->stage == kStageOfExpelled ? expelled_ : refused_;
  places[{letter->at.topic, letter->at.partition}].push_back(letter->at.offset);
}

void Refusals::sort() {
  for (Places* places : {&refused_, &expelled_})
    for (auto& [at, offsets] : *places) std::sort(offsets.begin(), offsets.end());
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
