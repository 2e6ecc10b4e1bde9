#include "engine/shard/refusals.h"

#include <algorithm>

#include "engine/decode/dead_letter.h"
#include "engine/log/read_range.h"

namespace slipstream {
Result<Refusals> Refusals::read(EventLog& log, const TopicNames& topics, Offset from) {
  Refusals refusals;
  refusals.end_ = from;
  SLIPSTREAM_ASSIGN(const std::vector<TopicOptions> there, log.topics());
  if (std::none_of(there.begin(), there.end(),
                   [&](const TopicOptions& topic) { return topic.name == topics.dead_letters; }))
    return refusals;
  const TopicPartition at{topics.dead_letters, Partition(0)};
  SLIPSTREAM_ASSIGN(const OffsetRange range, log.offsets(at));
  const Offset begin = std::max(from, range.earliest);
  refusals.end_ = std::max(begin, range.end);
  SLIPSTREAM_TRY(read_records(log, at, begin, range.end, [&](const RecordView& letter) -> Result<bool> {
    refusals.take(letter);
    return true;
  }));
  for (Places* places : {&refusals.refused_, &refusals.expelled_})
    for (auto& [place, offsets] : *places)
      std::sort(offsets.begin(), offsets.end());
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
