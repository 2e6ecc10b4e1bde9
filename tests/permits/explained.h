// Explains every figure of a view and adds the explanation up again by hand: from the texts a person reads,
// and from the events that stand in the log where the explanation says they stand.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/view/event_scan.h"
#include "engine/view/view_reader.h"

namespace slipstream::testing {

struct ExplainedCells {
  std::size_t cells = 0;
  std::size_t contributions = 0;
  std::size_t events = 0;
  std::vector<std::string> problems;  // empty: every cell is explained; at most kProblemsMax
  static constexpr std::size_t kProblemsMax = 10;
};

// The measures of a cell by name, as its listed contributions sum up; one that nothing adds to is absent.
using SummedMeasures = std::map<std::string, Rational>;

// Every row that `query` reads of its view: intervals count as microseconds. `check` is called for each with
// the sums and returns what is wrong with it, or nothing.
ExplainedCells explain_cells(const CommittedState& state, const EventSource& source, const ViewQuery& query,
                             const std::function<std::string(const ViewRow&, const SummedMeasures&)>& check);

}  // namespace slipstream::testing
