// From a window's accumulators to figures: finished measures, the KPI's value, the target that applies.
// Pure; shared by the shard's judge and by readers, so that both say the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/definition/plan.h"
#include "engine/judge/target.h"

namespace slipstream {

// The measures of a view in order, finished. Texts point into `row`.
std::vector<KpiValue> measure_values(const ViewPlan& view, const std::byte* row);

// The KPI's value over finished measures: NULL when the formula is, exact otherwise. Texts in `arena`.
KpiValue kpi_value(const Plan& plan, const KpiPlan& kpi, const std::vector<KpiValue>& measures,
                   const Period& window, std::string_view node, Timestamp now, Arena& arena);

// The first target declared for the KPI whose nodes match and that judges windows of `window_spec` or a
// period of its own; null: none.
const TargetPlan* find_target(const Plan& plan, std::size_t kpi, std::string_view node,
                              std::size_t window_spec);

// The period a target judges at that window: the target's own, or the window; of a window that has no
// beginning, as of a level that is carried forward, its last step.
Period target_period(const TargetPlan& target, const WindowPlan& windows, const Window& window);

}  // namespace slipstream
