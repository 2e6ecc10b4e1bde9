#include "engine/view/expulsions.h"

#include <algorithm>

#include "engine/log/read_range.h"
#include "engine/shard/expulsion_record.h"

namespace slipstream {

Result<Expulsions> Expulsions::read(const EventSource& source, Partition shard, Offset end) {
  Expulsions expulsions;
  const TopicPartition at{source.topics.decisions, shard};
  SLIPSTREAM_ASSIGN(const OffsetRange there, source.log.offsets(at));
  const auto take = [&](const RecordView& record) -> Result<bool> {
    if (!is_expulsion(record.value)) return true;
    SLIPSTREAM_ASSIGN(const Expulsion expulsion, read_expulsion(record.value));
    expulsions.places_[expulsion.record.offset] = expulsion.before;
    return true;
  };
  SLIPSTREAM_TRY(read_records(source.log, at, there.earliest, std::min(end, there.end), take));
  for (const auto& [record, place] : expulsions.places_)
    expulsions.not_passed_.emplace(place, record);
  return expulsions;
}

std::vector<Offset> Expulsions::pass(Offset next) {
  std::vector<Offset> passed;
  while (!not_passed_.empty() && not_passed_.begin()->first <= next) {
    passed.push_back(not_passed_.begin()->second);
    not_passed_.erase(not_passed_.begin());
  }
  return passed;
}

}  // namespace slipstream
