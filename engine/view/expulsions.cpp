#include "engine/view/expulsions.h"

#include "engine/shard/expulsion_record.h"

namespace slipstream {
namespace {

constexpr std::size_t kRecordsPerPoll = 4096;
constexpr std::size_t kBytesPerPoll = std::size_t{4} << 20;

}  // namespace

Result<Expulsions> Expulsions::read(const EventSource& source, Partition shard, Offset end) {
  Expulsions expulsions;
  const TopicPartition at{source.topics.decisions, shard};
  SLIPSTREAM_ASSIGN(const OffsetRange there, source.log.offsets(at));
  const auto reader = source.log.open_reader();
  SLIPSTREAM_TRY(reader->seek(at, there.earliest));
  for (Offset next = there.earliest; next < end;) {
    SLIPSTREAM_ASSIGN(const std::vector<ReadBatch> batches,
                      reader->poll(kRecordsPerPoll, kBytesPerPoll, Duration{}));
    if (batches.empty()) break;
    for (const ReadBatch& batch : batches) {
      for (const RecordView& record : batch.records) {
        if (record.offset >= end || !is_expulsion(record.value)) continue;
        SLIPSTREAM_ASSIGN(const Expulsion expulsion, read_expulsion(record.value));
        expulsions.places_[expulsion.record.offset] = expulsion.before;
      }
      next = batch.next;
    }
  }
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
