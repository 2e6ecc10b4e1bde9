// What waits: nodes and indicators that records refer to and that nobody has defined yet. Nothing that waits
// is silent (guarantee G3): its figures are in no answer, and this says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/view/committed_state.h"

namespace slipstream {

struct WhatWaits {
  std::vector<std::string> nodes;       // unknown ones at which something counts, ascending
  std::vector<std::string> indicators;  // undefined ones of which figures were reported, ascending
  // Tasks, figures and readings that will become dead letters, unless what they wait for is defined by then.
  std::uint64_t with_deadline = 0;
  std::optional<Timestamp> first_deadline;
  bool any() const { return !nodes.empty() || !indicators.empty(); }
};

// Of one view, or of all; deadlines are of all. Looks at each node of the views once.
Result<WhatWaits> read_waiting(const CommittedState& state, std::optional<std::size_t> view);

// Can anything have to wait? Where all nodes are paths and all indicators count, nothing can.
bool may_wait(const Plan& plan);

// "figures of 2 nodes wait for their unit: an, roads"; "" when nothing waits. Names the first few.
std::string describe(const WhatWaits& waiting, const Zone& zone);

}  // namespace slipstream
