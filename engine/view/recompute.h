// The proof of guarantee G1: every view computed again by brute force from the log, and compared with what is
// stored.
//
// Nothing of the incremental engine is used: events are gathered by entity as sets, each entity is evaluated
// once as it stands, and every contribution is added to its node and to all nodes above it in one map. No
// roll-up, timers, partials or caches. Takes memory in proportion to the log and the views.
#pragma once

#include <functional>
#include <optional>

#include "engine/aggregate/accumulator.h"
#include "engine/view/event_scan.h"

namespace slipstream {

// A slice of a node whose stored accumulators are not those computed; of the two, one may be missing.
struct Difference {
  std::size_t view = 0;
  std::string node;
  Timestamp slice;
  std::optional<AccumulatorRow> stored, recomputed;
};

struct CheckReport {
  bool settled = true;       // false: a shard is behind another; nothing was compared
  std::uint64_t events = 0;  // folded again
  std::uint64_t rows = 0;    // compared
  std::uint64_t differences = 0;
};

// Compares the view, or all of them; calls visit for each difference in order of view, node and slice.
Result<CheckReport> check_views(const CommittedState& state, const EventSource& source,
                                std::optional<std::size_t> view,
                                const std::function<void(const Difference&)>& visit);

}  // namespace slipstream
