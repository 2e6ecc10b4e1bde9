// Copies a deployment's log whole: every topic's records in order, then where its shards go on.
//
// The copy's offsets begin at 0 and have no gaps. What names a place in the log (positions, decisions, dead
// letters, alerts' evidence) names the same record in the copy (docs/design/kafka-log.md). The state directory is
// not copied: the engine rebuilds it from the copied log.
//
// Until it is whole no engine runs in a copy: each shard's note is kUnfinishedCopy.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/log/event_log.h"
#include "engine/shard/input.h"

namespace slipstream {

struct CopiedTopic {
  TopicOptions topic;  // of the copy
  std::uint64_t records = 0;
  std::uint64_t records_max = 0;  // the original has no more
  bool offsets_kept = true;       // every record has the offset of its original
};

struct NamedLog {
  EventLog& log;
  const TopicNames& topics;
};

// Topics that `to` has keep their options; others are created. `progress`: after each batch. Errors:
// already_exists: `to` has records, positions or half a copy; invalid_value: a topic of `to` has other
// partitions or another cleanup; offset_out_of_range: retention has let go what the state rests on;
// log_unavailable: somebody wrote to one of the logs meanwhile. After an error `to` is to be deleted.
Result<std::vector<CopiedTopic>> copy_log(const NamedLog& from, const NamedLog& to,
                                          const std::function<void(const CopiedTopic&)>& progress);

}  // namespace slipstream
