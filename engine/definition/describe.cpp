#include "engine/definition/describe.h"

#include <fmt/format.h>

#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

constexpr std::string_view kBetterNames[] = {"higher is better", "lower is better",
                                             "within a range is better"};
constexpr std::string_view kTrajectoryNames[] = {"constant", "linear", "stepped", "table"};

std::string title_of(const Title& title) {
  const std::string& text = title.en.empty() ? title.vi : title.en;
  return text.empty() ? "" : fmt::format(" \"{}\"", text);
}

std::string unit_of(const std::string& unit) { return unit.empty() ? "" : ", " + unit; }

std::string windows_of(const ViewPlan& view) {
  std::vector<std::string> names;
  for (const WindowSpec& spec : view.windows.specs())
    names.push_back(spec.name());
  return listed(names);
}

std::string node_of(const Plan& plan, const ViewPlan& view) {
  std::string text = plan.organisation.root;
  for (const std::uint16_t column : view.node_columns)
    text += "/<" + plan.scopes.at(view.from).columns[column].name + ">";
  return text;
}

std::string wait_of(const std::optional<Duration>& wait_max) {
  return wait_max ? format_duration(*wait_max) : "without end";
}

// What is waited for, and for how long.
void describe_waiting(const Plan& plan, std::string& out) {
  if (plan.organisation.tree == TreeSource::events)
    out += fmt::format("organisation from events: an unknown node is waited for {}\n",
                       wait_of(plan.organisation.wait_max));
  if (plan.indicators.from == IndicatorSource::events)
    out += fmt::format("indicators from events: an undefined one is waited for {}\n",
                       wait_of(plan.indicators.wait_max));
  if (plan.indicators.from == IndicatorSource::definition)
    out += fmt::format("indicators, and no others: {}\n", listed(plan.indicators.names));
}

void describe_view(const Plan& plan, const ViewPlan& view, std::string& out) {
  out += fmt::format("view {}{}: from {} by {}, every {} of {}\n", view.name, title_of(view.title),
                     name_of(view.from), node_of(plan, view), windows_of(view),
                     plan.scopes.at(view.from).columns[view.window_column].name);
  if (view.where) out += fmt::format("  where {}\n", view.where.text());
  if (view.latest_per_series) out += "  the latest report of each series counts\n";
  if (view.publish) out += "  published to the topic of views\n";
  if (view.retention) out += fmt::format("  kept for {}\n", format_duration(*view.retention));
  for (const MeasurePlan& measure : view.measures)
    out += fmt::format("  {} {}{}: {}\n", measure.name, name_of(measure.expression.type),
                       unit_of(measure.unit), measure.expression.text);
}

void describe_kpi(const Plan& plan, const KpiPlan& kpi, std::string& out) {
  out +=
      fmt::format("kpi {}{}: {} of view {}{}, {}\n", kpi.name, title_of(kpi.title), kpi.value.text(),
                  plan.views[kpi.view].name, unit_of(kpi.unit), kBetterNames[static_cast<int>(kpi.better)]);
}

std::string wanted_of(const Plan& plan, const TargetPlan& target) {
  if (plan.kpis[target.kpi].better == Better::range)
    return format_rational(target.target) + " to " + format_rational(target.target_high);
  return format_rational(target.target);
}

void describe_target(const Plan& plan, const TargetPlan& target, std::string& out) {
  const ViewPlan& view = plan.views[plan.kpis[target.kpi].view];
  const std::string period =
      target.window_spec ? "every " + view.windows.specs()[*target.window_spec].name()
                         : fmt::format("from {} to {}", format_timestamp(target.period_start, plan.zone),
                                       format_timestamp(target.period_end, plan.zone));
  const std::string_view share = target.tolerance.unit == ToleranceUnit::relative ? " of the distance" : "";
  const bool unnamed = target.name.starts_with("target ");
  out += fmt::format(
      "{}{}: {} {} for {}, {}, {}, green within {}{}, amber within {}{}{}\n", unnamed ? "" : "target ",
      target.name, plan.kpis[target.kpi].name, wanted_of(plan, target), listed(target.nodes.texts()), period,
      kTrajectoryNames[static_cast<int>(target.trajectory.kind)], format_rational(target.tolerance.green),
      share, format_rational(target.tolerance.amber), share, target.from_events ? ", revised by events" : "");
}

void describe_alert(const Plan& plan, const AlertPlan& alert, std::string& out) {
  out += fmt::format("alert {}{}: {} on {} for {}, when {}, for {}\n", alert.name, title_of(alert.title),
                     alert.severity, plan.kpis[alert.kpi].name, listed(alert.nodes.texts()),
                     alert.when.text(), format_duration(alert.for_duration));
}

}  // namespace

std::string describe(const Plan& plan) {
  std::string out =
      fmt::format("definitions {}version {}: {}, root {}\n", plan.name.empty() ? "" : plan.name + " ",
                  plan.version, plan.zone.name(), plan.organisation.root);
  describe_waiting(plan, out);
  for (const ViewPlan& view : plan.views)
    describe_view(plan, view, out);
  for (const KpiPlan& kpi : plan.kpis)
    describe_kpi(plan, kpi, out);
  for (const TargetPlan& target : plan.targets)
    describe_target(plan, target, out);
  for (const AlertPlan& alert : plan.alerts)
    describe_alert(plan, alert, out);
  return out;
}

}  // namespace slipstream
