#include "engine/shard/event_place.h"

#include "engine/decode/catalogue.h"
#include "engine/log/event_log.h"

namespace slipstream {

EventPlace place_of(const Event& event, std::int32_t partitions) {
  const EventKind kind = kind_of(event.type);
  if (kind == EventKind::reference || kind == EventKind::action) return {true, Partition(0)};
  return {false, partition_of(event.subject, partitions)};
}

}  // namespace slipstream
