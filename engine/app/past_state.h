// The state as of an earlier instant: what was true by then, folded again from the log. Belongs to one thread until it
// is made; then any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/view/committed_state.h"
#include "engine/view/event_scan.h"

namespace slipstream {

struct PastState {
  CommittedState state;
  Timestamp clock;            // the instant it is as of
  std::uint64_t records = 0;  // that had become true by then
  std::string version;  // differs whenever a figure may: of the instant, the definitions and the log's ends
};

// Of the records that stand in the log, those whose effective_at is not after `at`, under a clock that stands at `at`:
// the figures of a deployment whose clock stands there and that was told no more. Memory in proportion to those records.
// `goes_on`, asked now and then, ends it with log_unavailable when it is false; may be empty. Errors: those of the log;
// offset_out_of_range when its beginning is gone.
Result<PastState> fold_until(const std::shared_ptr<const Plan>& plan, const EventSource& source,
                             std::int32_t partitions, Timestamp at,
                             const std::function<bool()>& goes_on = {});

// How many records it would read at most.
Result<std::uint64_t> records_in_log(const EventSource& source, std::int32_t partitions);

}  // namespace slipstream
