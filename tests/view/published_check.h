// What a reader of the topic of views knows, held against what the committed state shows.
#pragma once

#include <string>

#include "engine/log/event_log.h"
#include "engine/shard/input.h"
#include "engine/view/committed_state.h"

namespace slipstream {

struct PublishedReport {
  std::string finding;         // the first thing that is not as promised; empty: all is well
  std::size_t rows = 0;        // that the topic has
  std::size_t tombstones = 0;  // records without a value, replaced ones included
};
// Reads the topic from its beginning, keeps the last record of each key, and compares with read_view(). Each
// shard must have read all there is.
Result<PublishedReport> check_published(EventLog& log, const TopicNames& topics, const CommittedState& state);

}  // namespace slipstream
