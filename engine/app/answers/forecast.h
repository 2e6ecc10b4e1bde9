// Where a KPI is heading at a node: the forecast of the window in force, how far it may be out, and the windows that say
// so.
#pragma once

#include <string>

#include "engine/app/output/answer.h"
#include "engine/view/view_reader.h"

namespace slipstream {

struct AskedForecast {
  std::size_t kpi = 0;
  std::string node;
  std::size_t spec = 0;
};
// `every`: a kind of the view's windows; empty: the first. Errors: usage, naming what there is.
Result<AskedForecast> ask_for_forecast(const Plan& plan, const std::string& kpi, const std::string& node,
                                       const std::string& every);

// Facts, then the section "rows": the finished windows before the one in force, from the first whose step is used, at most
// kForecastWindowsMax. Facts that nobody can tell are null. Whether somebody knows the node is asked before:
// require_node().
inline constexpr std::size_t kForecastWindowsMax = 13;
Result<> answer_forecast(Answer& answer, const CommittedState& state, const AskedForecast& asked);

}  // namespace slipstream
