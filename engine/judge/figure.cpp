#include "engine/judge/figure.h"

namespace slipstream {

std::vector<KpiValue> measure_values(const ViewPlan& view, const std::byte* row) {
  std::vector<KpiValue> values;
  values.reserve(view.measures.size());
  for (std::size_t i = 0; i < view.measures.size(); ++i)
    values.push_back(view.layout.value(row, i).value);
  return values;
}

KpiValue kpi_value(const Plan& plan, const KpiPlan& kpi, const std::vector<KpiValue>& measures,
                   const Period& window, std::string_view node, Timestamp now, Arena& arena) {
  std::vector<KpiValue> row = measures;
  row.push_back(KpiValue::timestamp(window.start));
  row.push_back(KpiValue::timestamp(window.end));
  row.push_back(KpiValue::text(node));
  EvaluationContext context{now, &plan.zone, &arena};
  return evaluate(kpi.value, row, context);
}

const TargetPlan* find_target(const Plan& plan, std::size_t kpi, std::string_view node,
                              std::size_t window_spec) {
  for (const TargetPlan& target : plan.targets)
    if (target.kpi == kpi && (!target.window_spec || *target.window_spec == window_spec) &&
        target.nodes.matches(node))
      return &target;
  return nullptr;
}

Period target_period(const TargetPlan& target, const WindowPlan& windows, const Window& window) {
  if (!target.window_spec) return {target.period_start, target.period_end};
  Period period{window.start, window.end};
  if (!is_representable(period.start))
    if (const auto before = windows.previous(window)) period.start = before->end;
  return period;
}

}  // namespace slipstream
