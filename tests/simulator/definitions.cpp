#include "tests/simulator/definitions.h"

#include "connectors/definition/load_file.h"

namespace slipstream::simulator {
namespace {

// Views by relation; a definition is made of a head, some of these, and their KPIs.
constexpr std::string_view kTasks = R"yaml(
  delivery:
    from: tasks
    publish: true
    node: [unit, person]
    window: { on: due_at, every: [day, month] }
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
      weights: sum(weight)
      heaviest: max(weight)
      returned: sum(returns)
)yaml";
constexpr std::string_view kBacklog = R"yaml(
  backlog:
    from: tasks
    publish: true
    where: status <> 'cancelled' and assigned_at < now()
    node: [current_unit, current_person]
    window: { on: assigned_at, every: [week, { sliding: 3, of: day }] }
    measures:
      assigned: count(*)
      handed_over: sum(handovers)
      extended: max(extensions)
)yaml";
constexpr std::string_view kFigures = R"yaml(
  stock:
    from: measurements
    publish: true
    where: indicator = 'stock'
    window: { on: period_start, every: [day, month] }
    latest_per: series
    measures: { reports: count(*), held: sum(value), biggest: max(value) }
  planted:
    from: measurements
    publish: true
    where: indicator = 'planted'
    window: { on: period_start, every: [day, year_to_date] }
    measures: { reports: count(*), trees: sum(value), share: "ratio(numerator, denominator)", most: max(value) }
)yaml";
constexpr std::string_view kReadings = R"yaml(
  air:
    from: observations
    publish: true
    where: metric = 'air'
    window: { every: { hopping: 1 hour, every: 15 minutes } }
    deduplicate: { by: id, window: 1 hour }
    measures: { readings: count(*), mean: avg(value), highest: max(value) }
  noise:
    from: observations
    where: metric = 'noise'
    window: { every: { tumbling: 12 hours } }
    deduplicate: sequence
    measures: { readings: count(*), loudest: max(value), quietest: min(value) }
  visits:
    from: observations
    publish: true
    where: metric = 'visit'
    window: { every: { session: 30 minutes } }
    measures: { people: sum(value), readings: count(*) }
)yaml";

constexpr std::string_view kTaskKpis = R"yaml(
  on_time_rate: { value: "100.0 * on_time / nullif(on_time + late + overdue, 0)", unit: percent }
  overdue_tasks: { view: delivery, value: overdue, better: lower }
)yaml";
constexpr std::string_view kFigureKpis = R"yaml(
  stock_level: { view: stock, value: held }
  growth: { view: planted, value: trees }
)yaml";
constexpr std::string_view kReadingKpis = R"yaml(
  loudness: { view: noise, value: loudest, better: lower }
)yaml";

constexpr std::string_view kTaskAlerts = R"yaml(
  slipping: { kpi: on_time_rate, every: month, when: status = 'red', for: 5 hours, keep_firing_for: 4 hours }
  overdue_now: { kpi: overdue_tasks, every: day, when: overdue > 0, severity: critical }
)yaml";
constexpr std::string_view kFigureAlerts = R"yaml(
  stock_low: { kpi: stock_level, every: month, when: status = 'red', keep_firing_for: 6 hours }
  growth_behind: { kpi: growth, every: year_to_date, when: "status in ('red', 'amber')", for: 6 hours }
)yaml";
constexpr std::string_view kReadingAlerts = R"yaml(
  loud: { kpi: loudness, when: value > 70, for: 6 hours, keep_firing_for: 6 hours, evaluate: 8 hours }
  silent: { kpi: loudness, when: value is null, for: 3 hours }
)yaml";

constexpr std::string_view kTaskTargets = R"yaml(
  - { kpi: on_time_rate, every: month, target: 80, amber: 5 }
)yaml";
constexpr std::string_view kFigureTargets = R"yaml(
  - { kpi: stock_level, every: month, baseline: 0, target: 300, trajectory: linear, amber: 20 }
  - { kpi: growth, every: year_to_date, source: events, target: 100 }
)yaml";

struct Parts {
  bool tasks, backlog, figures, readings;
};

// The views again, with a retention each; those that carry figures forward keep everything.
std::string with_retention(std::string_view views, std::string_view retention) {
  std::string text(views);
  if (retention.empty()) return text;
  const std::string line = "    retention: " + std::string(retention) + "\n    measures:";
  const std::string plain = "    measures:";
  for (std::size_t at = text.find(plain); at != std::string::npos; at = text.find(plain, at + line.size())) {
    const std::size_t carried = text.rfind("latest_per", at);
    if (carried != std::string::npos && text.substr(carried, at - carried).find('\n') + carried + 1 >= at)
      continue;
    text.replace(at, plain.size(), line);
  }
  return text;
}

// Views are written down as published; some schedules' are not.
std::string unpublished(std::string text) {
  const std::string line = "    publish: true\n";
  for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line))
    text.erase(at, line.size());
  return text;
}

std::string definition_text(std::string_view head, Parts parts, std::string_view retention) {
  std::string views, kpis, targets, alerts;
  const auto add = [&](bool wanted, std::string_view view, std::string_view kpi, std::string_view target,
                       std::string_view alert) {
    if (!wanted) return;
    views += view;
    kpis += kpi;
    targets += target;
    alerts += alert;
  };
  add(parts.tasks, kTasks, kTaskKpis, kTaskTargets, kTaskAlerts);
  add(parts.backlog, kBacklog, {}, {}, {});
  add(parts.figures, kFigures, kFigureKpis, kFigureTargets, kFigureAlerts);
  add(parts.readings, kReadings, kReadingKpis, {}, kReadingAlerts);
  std::string text(head);
  text += "views:" + with_retention(views, retention);
  text += "kpis:" + kpis;
  if (!targets.empty()) text += "targets:" + targets;
  return text + "alerts:" + alerts;
}

}  // namespace

Result<std::vector<Definitions>> load_definitions_pool() {
  const std::string_view paths = "time_zone: Europe/Amsterdam\norganisation: { root: harbour }\n";
  const std::string_view tree = "time_zone: Asia/Ho_Chi_Minh\norganisation: { root: city, tree: events }\n";
  const std::string_view tree_with_dst =
      "time_zone: Europe/Amsterdam\nfiscal_year_start: 04-01\norganisation: { root: city, tree: events }\n";
  const std::pair<std::string, std::string> texts[] = {
      {"paths", unpublished(definition_text(paths, {true, true, true, true}, {}))},
      {"paths_tasks", definition_text(paths, {true, true, false, false}, "5 days")},
      {"paths_readings", definition_text(paths, {false, false, false, true}, "1 day")},
      {"tree_tasks", unpublished(definition_text(tree, {true, true, false, false}, {}))},
      {"tree_figures", definition_text(tree_with_dst, {false, false, true, false}, {})},
      {"tree_readings", definition_text(tree, {false, false, false, true}, "2 days")},
      {"tree", unpublished(definition_text(tree_with_dst, {true, false, true, true}, "3 days"))},
  };
  std::vector<Definitions> pool;
  for (const auto& [name, text] : texts) {
    Diagnostics diagnostics;
    auto plan = load_definition_text(text, name + ".yaml", diagnostics);
    if (!plan) return fail(ErrorCode::syntax, format_diagnostic(diagnostics.front()));
    pool.push_back({name, std::move(plan)});
  }
  return pool;
}

bool depends_on_figures_alone(const AlertPlan& alert, const Plan& plan) {
  for (const TargetPlan& target : plan.targets)
    if (target.kpi == alert.kpi && (target.from_events || target.trajectory.kind != TrajectoryKind::constant))
      return false;
  return true;
}

}  // namespace slipstream::simulator
