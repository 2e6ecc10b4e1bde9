// Which partition an event belongs in. One that comes elsewhere is sent on and counts where it belongs: the
// histories of a task, and what is known of a source's readings, are one shard's alone. Pure functions; any
// thread.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/decode/event.h"

namespace slipstream {

struct EventPlace {
  bool on_reference = false;  // else on the topic of events
  Partition partition;
  friend bool operator==(const EventPlace&, const EventPlace&) = default;
};

// By its kind, and then by its subject, as Kafka's default partitioner places a record of that key.
EventPlace place_of(const Event& event, std::int32_t partitions);

}  // namespace slipstream
