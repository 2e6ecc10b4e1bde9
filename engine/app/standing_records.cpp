#include "engine/app/standing_records.h"

#include <map>
#include <tuple>

#include "engine/decode/catalogue.h"
#include "engine/shard/event_place.h"
#include "engine/view/expulsions.h"

namespace slipstream {
namespace {

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

}  // namespace

OutputRecord copy_of(const RecordView& record, const std::string& topic) {
  OutputRecord out{topic, Partition(0),    std::string(record.key), std::string(record.value),
                   {},    record.timestamp};
  out.headers.assign(record.headers.begin(), record.headers.end());
  return out;
}

Result<> visit_standing_records(
    const EventSource& source, std::int32_t partitions,
    const std::function<Result<>(const Event&, const std::string& topic, const RecordView&)>& visit) {
  const auto read = [&](const std::string& topic, Partition partition, const auto& is_out) -> Result<> {
    const TopicPartition at{topic, partition};
    SLIPSTREAM_ASSIGN(const OffsetRange range, source.log.offsets(at));
    return scan_events(source, at, range.end, [&](const Event& event, const RecordView& record) -> Result<> {
      if (place_of(event, partitions) != EventPlace{topic == source.topics.reference, partition}) return {};
      return is_out(event, record.offset) ? Result<>() : visit(event, topic, record);
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
  return {};
}

}  // namespace slipstream
