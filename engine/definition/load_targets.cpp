// Targets: what a KPI is held against, where and when.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"

namespace slipstream {
namespace {

// Every window of a kind, or one period; the first window of the KPI's view when nothing is said.
void load_period(const Section& section, TargetPlan& plan, const ViewPlan* view, Loading& loading) {
  Report& report = loading.report;
  const auto every = section.find("every");
  const auto from = section.find("from");
  const auto to = section.find("to");
  if (every && (from || to))
    report.add(ErrorCode::invalid_value, *every,
               "a target is for every window of a kind or for one period, not both",
               "leave out 'every', or 'from' and 'to'");
  if (!from && !to) {
    if (view == nullptr) return;
    plan.window_spec = every ? read_window_name(*every, *view, report) : 0;
    return;
  }
  const auto start = from ? read_instant(*from, loading.plan.zone, report) : std::nullopt;
  const auto end = to ? read_end(*to, loading.plan.zone, report) : std::nullopt;
  if (!from) section.require("from", "from: 2021-01-20");
  if (!to) section.require("to", "to: 2021-07-04");
  if (!start || !end) return;
  if (*start >= *end) report.add(ErrorCode::invalid_value, *to, "the period ends before it begins");
  plan.period_start = *start;
  plan.period_end = *end;
}

void load_range(const Setting& at, TargetPlan& plan, Loading& loading) {
  const auto section = Section::open(at, keys::kTargetRange, loading.report);
  const auto low = section->require("low", "low: 3");
  const auto high = section->require("high", "high: 7");
  const auto from = low ? read_number(*low, loading.report) : std::nullopt;
  const auto to = high ? read_number(*high, loading.report) : std::nullopt;
  if (!from || !to) return;
  if (*from > *to) loading.report.add(ErrorCode::invalid_value, at, "'low' is above 'high'");
  plan.target = *from;
  plan.target_high = *to;
}

void load_value(const Section& section, TargetPlan& plan, const KpiPlan* kpi, Loading& loading) {
  static constexpr std::array<std::string_view, 2> kSources = {"definition", "events"};
  if (const auto source = section.find("source"))
    plan.from_events = read_word(*source, kSources, loading.report).value_or(0) == 1;
  const auto at = plan.from_events ? section.find("target") : section.require("target", "target: 80");
  if (!at) return;
  const bool is_range = at->node->kind == Document::Kind::map;
  if (kpi != nullptr && is_range != (kpi->better == Better::range)) {
    loading.report.add(ErrorCode::type_mismatch, *at,
                       is_range ? fmt::format("KPI '{}' is not 'better: range'", kpi->name)
                                : fmt::format("KPI '{}' is 'better: range'", kpi->name),
                       is_range ? "write one number" : "write { low: 3, high: 7 }");
    return;
  }
  if (is_range) return load_range(*at, plan, loading);
  plan.target = read_number(*at, loading.report).value_or(0);
  plan.target_high = plan.target;
}

std::optional<TrajectoryPoint> load_point(const Setting& at, const TargetPlan& plan, Loading& loading) {
  const auto section = Section::open(at, keys::kTrajectoryPoint, loading.report);
  if (!section) return std::nullopt;
  const auto when = section->require("at", "at: 2021-03-01");
  const auto what = section->require("value", "value: 3");
  const auto instant = when ? read_instant(*when, loading.plan.zone, loading.report) : std::nullopt;
  const auto value = what ? read_number(*what, loading.report) : std::nullopt;
  if (!instant || !value) return std::nullopt;
  const bool has_period = plan.period_start < plan.period_end;
  if (has_period && (*instant < plan.period_start || *instant > plan.period_end))
    loading.report.add(ErrorCode::invalid_value, *when, "a point outside the target's period");
  return TrajectoryPoint{*instant, *value};
}

void load_points(const Setting& at, TargetPlan& plan, Loading& loading) {
  const std::size_t before = loading.report.count();
  if (at.node->kind != Document::Kind::list) {
    loading.report.add(ErrorCode::type_mismatch, at, "expected a list of points",
                       "write [{ at: 2021-03-01, value: 3 }]");
    return;
  }
  if (at.node->items.empty()) loading.report.add(ErrorCode::invalid_value, at, "no points");
  for (const Setting& item : items_or_self(at)) {
    const auto point = load_point(item, plan, loading);
    if (!point) continue;
    auto& points = plan.trajectory.points;
    if (loading.report.count() == before && !points.empty() && point->at <= points.back().at)
      loading.report.add(ErrorCode::invalid_value, item,
                         "points must be in order of time, each at another instant");
    points.push_back(*point);
  }
}

void load_milestones(const Setting& at, const Section& target, TargetPlan& plan, Loading& loading) {
  const auto section = Section::open(at, keys::kTrajectory, loading.report);
  const auto steps = section->find("steps");
  const auto table = section->find("table");
  if (steps.has_value() == table.has_value()) {
    loading.report.add(ErrorCode::invalid_value, at, "a trajectory has either 'steps' or 'table'");
    return;
  }
  if (!target.find("from") && !target.find("to"))
    loading.report.add(ErrorCode::invalid_value, at, "points in time need one period",
                       "write 'from' and 'to'");
  plan.trajectory.kind = steps ? TrajectoryKind::stepped : TrajectoryKind::table;
  load_points(steps ? *steps : *table, plan, loading);
}

void load_trajectory(const Section& section, TargetPlan& plan, const KpiPlan* kpi, Loading& loading) {
  static constexpr std::array<std::string_view, 2> kKinds = {"constant", "linear"};
  if (const auto baseline = section.find("baseline")) {
    plan.baseline_given = read_number(*baseline, loading.report);
    plan.baseline = plan.baseline_given.value_or(0);
  }
  const auto at = section.find("trajectory");
  if (!at) return;
  if (at->node->kind == Document::Kind::map)
    load_milestones(*at, section, plan, loading);
  else
    plan.trajectory.kind =
        read_enum<TrajectoryKind>(*at, kKinds, loading.report).value_or(TrajectoryKind::constant);
  if (kpi != nullptr && kpi->better == Better::range && plan.trajectory.kind != TrajectoryKind::constant)
    loading.report.add(ErrorCode::invalid_value, *at, "a range is constant over its period",
                       "leave 'trajectory' out");
}

void load_tolerance(const Section& section, TargetPlan& plan, Loading& loading) {
  static constexpr std::array<std::string_view, 2> kUnits = {"absolute", "relative"};
  Report& report = loading.report;
  const auto green = section.find("green");
  const auto amber = section.find("amber");
  const auto unit = section.find("tolerance");
  if (green) plan.tolerance.green = read_number_not_negative(*green, report).value_or(0);
  plan.tolerance.amber =
      amber ? read_number_not_negative(*amber, report).value_or(plan.tolerance.green) : plan.tolerance.green;
  if (amber && plan.tolerance.amber < plan.tolerance.green)
    report.add(ErrorCode::invalid_value, *amber,
               "'amber' is narrower than 'green', so nothing would ever be amber",
               "give the larger distance to 'amber'");
  if (!unit) return;
  plan.tolerance.unit = read_enum<ToleranceUnit>(*unit, kUnits, report).value_or(ToleranceUnit::absolute);
  if (plan.tolerance.unit == ToleranceUnit::relative && !plan.from_events && plan.target == plan.baseline)
    report.add(ErrorCode::invalid_value, *unit, "a share of |target - baseline|, which is 0",
               "write 'tolerance: absolute'");
}

void load_target(const Section& section, TargetPlan& plan, Loading& loading) {
  const std::size_t before = loading.report.count();
  if (const auto name = section.find("name"))
    plan.name = read_text(*name, loading.report).value_or(plan.name);
  const auto kpi_index = read_kpi(section, loading);
  const KpiPlan* kpi = kpi_index ? &loading.plan.kpis[*kpi_index] : nullptr;
  const bool view_known = kpi != nullptr && loading.kpi_states[*kpi_index].view_known;
  const ViewPlan* view =
      view_known && loading.view_states[kpi->view].windows_known ? &loading.plan.views[kpi->view] : nullptr;
  plan.kpi = kpi_index.value_or(0);
  if (auto nodes = read_nodes(section, loading)) plan.nodes = *std::move(nodes);
  load_period(section, plan, view, loading);
  load_value(section, plan, kpi, loading);
  load_trajectory(section, plan, kpi, loading);
  if (loading.report.count() == before) load_tolerance(section, plan, loading);
}

// What a target is for: two for the same would contradict one another.
std::string subject_of(const TargetPlan& plan) {
  std::vector<std::string> nodes = plan.nodes.texts();
  std::sort(nodes.begin(), nodes.end());
  std::string subject = fmt::format("{}\n{}\n{}\n{}\n", plan.kpi, plan.window_spec.value_or(SIZE_MAX),
                                    plan.period_start.us, plan.period_end.us);
  for (const std::string& node : nodes)
    subject += node + "\n";
  return subject;
}

// Targets seen so far: names and subjects, each with the first target that has it.
struct SeenTargets {
  std::map<std::string, std::string> names, subjects;
};

void check_unique(const Setting& at, const TargetPlan& plan, SeenTargets& seen, Report& report) {
  const auto [same_name, is_new_name] = seen.names.emplace(plan.name, at.path);
  if (!is_new_name)
    report.add(ErrorCode::duplicate_name, at,
               fmt::format("'{}' is the name of {} already", plan.name, same_name->second));
  const auto [same, is_new] = seen.subjects.emplace(subject_of(plan), at.path);
  if (!is_new)
    report.add(ErrorCode::duplicate_name, at,
               fmt::format("{} is for the same KPI, nodes and period already", same->second),
               "delete one of the two");
}

}  // namespace

void load_targets(const Section& top, Loading& loading) {
  const auto at = top.find("targets");
  if (!at) return;
  const std::size_t before_all = loading.report.count();
  if (at->node->kind != Document::Kind::list) {
    loading.report.add(ErrorCode::type_mismatch, *at, "expected a list of targets",
                       "write '- { kpi: ..., target: 80 }'");
    loading.targets_known = false;
    return;
  }
  SeenTargets seen;
  for (std::size_t i = 0; i < at->node->items.size(); ++i) {
    const Setting item = at->item(i);
    const auto section = Section::open(item, keys::kTarget, loading.report);
    if (!section) continue;
    const std::size_t before = loading.report.count();
    TargetPlan plan;
    plan.name = fmt::format("target {}", i + 1);
    load_target(*section, plan, loading);
    if (loading.report.count() == before) check_unique(item, plan, seen, loading.report);
    loading.plan.targets.push_back(std::move(plan));
  }
  loading.targets_known = loading.report.count() == before_all;
}

}  // namespace slipstream
