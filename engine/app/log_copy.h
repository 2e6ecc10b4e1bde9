// Copies a log whole: every topic's records in order, then the positions of the engine's shards.
//
// Offsets of a copy begin at 0 and have no gaps, so positions are translated: a shard goes on in the copy
// after the same record as in the original. The state directory is not copied: the engine rebuilds it from
// the copied log.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

struct CopiedTopic {
  TopicOptions topic;
  std::uint64_t records = 0;
};

// Error already_exists when the destination has records. `progress`: after each batch.
Result<std::vector<CopiedTopic>> copy_log(EventLog& from, EventLog& to, const TopicNames& names,
                                          const std::function<void(const CopiedTopic&)>& progress);

}  // namespace slipstream
