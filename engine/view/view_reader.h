// Reads views and KPIs from committed state: slices in, windows out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/judge/judgement.h"
#include "engine/rollup/organisation.h"
#include "engine/shard/reference.h"
#include "engine/view/committed_state.h"

namespace slipstream {

// One row of a view: a node in a window.
struct ViewRow {
  std::string node;
  Window window;
  std::string label;     // "2011-06"
  AccumulatorRow state;  // what the values' texts point into
  std::vector<KpiValue> measures;
};

struct ViewQuery {
  std::size_t view = 0;
  std::optional<std::size_t> window_spec;  // none: every declared one
  std::optional<std::string> node;         // with `subtree`, everything below it too; none: every node
  bool subtree = false;
  std::string from_node;              // this node and those that come after it
  std::optional<Timestamp> from, to;  // windows that intersect [from, to)
};

// Calls visit for each row in order of node, window spec, time; stops when it returns false. Nodes that the
// organisation does not know are left out.
Result<> read_view(const CommittedState& state, const ViewQuery& query,
                   const std::function<bool(ViewRow&&)>& visit);

// One KPI at a node in a window, held against its target.
struct KpiRow {
  ViewRow row;
  KpiValue value;  // text in `row`
  std::optional<Rational> number;
  Judgement judgement;
  Period period;  // of the target, or the window
  Timestamp at;   // the instant it is judged at: the window's end, or the clock if that is earlier
};
Result<> read_kpi(const CommittedState& state, std::size_t kpi, ViewQuery query,
                  const std::function<bool(KpiRow&&)>& visit);

// What every row is seen against; read once by those who ask for much.
struct Background {
  Timestamp clock;
  std::shared_ptr<const ReferenceData> reference;
};
Result<Background> read_background(const CommittedState& state);
Result<> read_view(const CommittedState& state, const Background& background, const ViewQuery& query,
                   const std::function<bool(ViewRow&&)>& visit);
// A row of the KPI's view as a row of the KPI, whose text is in `arena` or where the measures' is.
KpiRow judge_row(const Plan& plan, const Background& background, std::size_t kpi, ViewRow row, Arena& arena);

}  // namespace slipstream
