// What right definitions become.
#include "engine/definition/load.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "connectors/definition/load_file.h"
#include "engine/fold/relation.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

std::shared_ptr<const Plan> load(std::string_view text) {
  Diagnostics diagnostics;
  auto plan = load_definition_text(with_parts(text), "city.yaml", diagnostics);
  if (plan == nullptr) throw std::runtime_error(all_messages(diagnostics));
  return plan;
}

TEST(Load, GivesViewsTheDefaultsOfTheirRelation) {
  const auto plan = load(R"(@calendar
views:
  t: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) } }
  m: { from: measurements, window: { every: day }, measures: { a: count(*) } }
  o: { from: observations, window: { every: day }, measures: { a: count(*) } }
)");
  ASSERT_EQ(plan->views.size(), 3u);
  EXPECT_EQ(plan->views[0].node_columns, std::vector<std::uint16_t>{task_column::unit});
  EXPECT_EQ(plan->views[0].window_column, task_column::due_at);
  EXPECT_EQ(plan->views[1].node_columns, std::vector<std::uint16_t>{measurement_column::node});
  EXPECT_EQ(plan->views[1].window_column, measurement_column::period_start);
  EXPECT_EQ(plan->views[2].node_columns, std::vector<std::uint16_t>{observation_column::node});
  EXPECT_EQ(plan->views[2].window_column, observation_column::effective_at);
  EXPECT_FALSE(plan->views[0].where);
  EXPECT_FALSE(plan->views[0].retention);
  EXPECT_EQ(plan->views[2].deduplicate, Deduplicate::none);
  EXPECT_EQ(plan->organisation.root, "all");
  EXPECT_EQ(plan->organisation.tree, TreeSource::paths);
}

TEST(Load, TakesEveryKeyOfAView) {
  const auto plan = load(R"(@calendar
columns: { observations: { line: text } }
views:
  air:
    title: { en: Air, vi: Không khí }
    from: observations
    where: metric = 'pm25'
    node: [line, node]
    window: { on: recorded_at, every: [{ hopping: 1 hour, every: 5 minutes }, { tumbling: 5 minutes }] }
    retention: 400 days
    deduplicate: { by: id, window: 2 hours }
    measures:
      particles: { value: percentile_cont(0.9) within group (order by value), relative_error: 0.005, unit: µg/m³ }
      sensors: { value: count(distinct source), exact_up_to: 50, title: Sensors }
)");
  const ViewPlan& view = plan->views[0];
  EXPECT_EQ(view.title.vi, "Không khí");
  EXPECT_TRUE(view.where);
  EXPECT_EQ(view.node_columns,
            (std::vector<std::uint16_t>{observation_column::count_, observation_column::node}));
  EXPECT_EQ(view.window_column, observation_column::recorded_at);
  EXPECT_EQ(view.windows.specs().size(), 2u);
  EXPECT_EQ(view.retention, days(400));
  EXPECT_EQ(view.deduplicate, Deduplicate::id);
  EXPECT_EQ(view.deduplicate_window, hours(2));
  EXPECT_EQ(view.layout.measures(), 2u);
  EXPECT_EQ(view.measures[0].relative_error, Decimal::from_units(5, 3));
  EXPECT_EQ(view.measures[0].unit, "µg/m³");
  EXPECT_EQ(view.measures[1].distinct_exact_max, 50u);
  EXPECT_EQ(view.measures[1].title.en, "Sensors");
  EXPECT_EQ(view.columns_used,
            (std::vector<std::uint16_t>{observation_column::metric, observation_column::node,
                                        observation_column::value, observation_column::recorded_at,
                                        observation_column::source, observation_column::count_}));
}

TEST(Load, KnowsWhichViewsTheClockConcerns) {
  const auto plan = load(R"(@calendar
views:
  filter: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) filter (where due_at < now()) } }
  where: { from: tasks, where: due_at < now(), window: { on: due_at, every: month }, measures: { a: count(*) } }
  none: { from: tasks, window: { on: due_at, every: month }, measures: { a: count(*) } }
)");
  EXPECT_TRUE(plan->views[0].uses_clock);
  EXPECT_TRUE(plan->views[1].uses_clock);
  EXPECT_FALSE(plan->views[2].uses_clock);
}

TEST(Load, KeepsEveryKindOfWindowInOrder) {
  const auto plan = load(R"(@calendar
views:
  calendar:
    from: tasks
    window: { on: due_at, every: [day, week, month, quarter, year, year_to_date, cumulative, { sliding: 7, of: day }] }
    measures: { a: count(*) }
  durations:
    from: observations
    window: { every: [{ tumbling: 5 minutes }, { hopping: 1 hour, every: 5 minutes }, { session: 30 minutes }] }
    measures: { a: count(*) }
)");
  std::vector<WindowSpec> specs = plan->views[0].windows.specs();
  EXPECT_EQ(specs, (std::vector<WindowSpec>{
                       WindowSpec::calendar(CalendarUnit::day), WindowSpec::calendar(CalendarUnit::week),
                       WindowSpec::calendar(CalendarUnit::month), WindowSpec::calendar(CalendarUnit::quarter),
                       WindowSpec::calendar(CalendarUnit::year), WindowSpec::year_to_date(),
                       WindowSpec::cumulative(), WindowSpec::sliding(7, CalendarUnit::day)}));
  EXPECT_EQ(
      plan->views[1].windows.specs(),
      (std::vector<WindowSpec>{WindowSpec::tumbling(minutes(5)), WindowSpec::hopping(hours(1), minutes(5)),
                               WindowSpec::session(minutes(30))}));
}

TEST(Load, CarriesSeriesForwardInCumulativeWindowsThatKeepTheirShortNames) {
  const auto plan = load(R"(@calendar
views:
  water: { from: measurements, latest_per: series, window: { every: [month, day] }, measures: { level: sum(value) } }
kpis: { total: { value: level } }
targets: [{ kpi: total, every: day, target: 3 }]
)");
  EXPECT_TRUE(plan->views[0].latest_per_series);
  EXPECT_EQ(plan->views[0].windows.specs(),
            (std::vector<WindowSpec>{WindowSpec::cumulative(CalendarUnit::month),
                                     WindowSpec::cumulative(CalendarUnit::day)}));
  EXPECT_EQ(plan->targets[0].window_spec, 1u);
}

TEST(Load, FindsTheOnlyViewAFormulaFits) {
  const auto plan = load(R"(@calendar
views:
  a: { from: tasks, window: { on: due_at, every: month }, measures: { due: count(*), late: count(*) } }
  b: { from: tasks, window: { on: assigned_at, every: month }, measures: { assigned: count(*), late: count(*) } }
kpis:
  x: { value: 'late / nullif(assigned, 0)' }
  y: { value: 'late / nullif(due, 0)' }
  z: { view: b, value: late, better: lower, unit: tasks, precision: 0, title: Late }
)");
  ASSERT_EQ(plan->kpis.size(), 3u);
  EXPECT_EQ(plan->kpis[0].view, 1u);
  EXPECT_EQ(plan->kpis[1].view, 0u);
  EXPECT_EQ(plan->kpis[2].view, 1u);
  EXPECT_EQ(plan->kpis[0].precision, 6);
  EXPECT_EQ(plan->kpis[2].precision, 0);
  EXPECT_EQ(plan->kpis[2].better, Better::lower);
  EXPECT_EQ(plan->find_kpi("z"), &plan->kpis[2]);
  EXPECT_EQ(plan->find_view("b"), &plan->views[1]);
  EXPECT_EQ(plan->find_view("c"), nullptr);
}

TEST(Load, KeepsTheValuesOfATargetExactly) {
  const auto plan = load(R"(@calendar
@views
@kpis
targets:
  - { kpi: rate, target: 66.6, baseline: 0.1, green: 1, amber: 2.5, tolerance: relative }
  - { kpi: load, nodes: a, target: { low: 3, high: 7.25 } }
  - { kpi: rate, nodes: b, source: events }
  - { kpi: rate, nodes: c, target: 80 }
)");
  const TargetPlan& target = plan->targets[0];
  EXPECT_EQ(target.name, "target 1");
  EXPECT_EQ(target.kpi, 0u);
  EXPECT_EQ(target.window_spec, 0u);
  EXPECT_EQ(target.target, Rational(333, 5));
  EXPECT_EQ(target.baseline_given, Rational(1, 10));
  EXPECT_EQ(target.tolerance.green, 1);
  EXPECT_EQ(target.tolerance.amber, Rational(5, 2));
  EXPECT_EQ(target.tolerance.unit, ToleranceUnit::relative);
  EXPECT_FALSE(target.from_events);
  EXPECT_EQ(plan->targets[1].target, 3);
  EXPECT_EQ(plan->targets[1].target_high, Rational(29, 4));
  EXPECT_TRUE(plan->targets[2].from_events);
  EXPECT_FALSE(plan->targets[3].baseline_given);
  EXPECT_EQ(plan->targets[3].tolerance.amber, 0);
}

TEST(Load, EndsATargetsPeriodAtTheLocalMidnightAfterItsLastDay) {
  const auto plan = load(R"(time_zone: America/New_York
@views
@kpis
targets:
  - { kpi: rate, from: 2021-01-20, to: 2021-07-04, target: 70, trajectory: linear }
  - { kpi: rate, from: 2021-01-20T08:00:00Z, to: "2021-07-04T12:00", target: 70 }
)");
  EXPECT_FALSE(plan->targets[0].window_spec);
  EXPECT_EQ(format_timestamp(plan->targets[0].period_start), "2021-01-20T05:00:00Z");
  EXPECT_EQ(format_timestamp(plan->targets[0].period_end), "2021-07-05T04:00:00Z");
  EXPECT_EQ(plan->targets[0].trajectory.kind, TrajectoryKind::linear);
  EXPECT_EQ(format_timestamp(plan->targets[1].period_start), "2021-01-20T08:00:00Z");
  EXPECT_EQ(format_timestamp(plan->targets[1].period_end), "2021-07-04T16:00:00Z");
}

TEST(Load, KeepsMilestonesInOrder) {
  const auto plan = load(R"(@calendar
@views
@kpis
targets:
  - kpi: rate
    from: 2021-01-01
    to: 2021-12-31
    target: 9
    trajectory: { steps: [{ at: 2021-03-01, value: 3 }, { at: 2021-06-01, value: 6.5 }] }
  - { kpi: rate, nodes: a, from: 2021-01-01, to: 2021-12-31, target: 9, trajectory: { table: [{ at: 2021-03-01, value: 3 }] } }
)");
  const Trajectory& steps = plan->targets[0].trajectory;
  EXPECT_EQ(steps.kind, TrajectoryKind::stepped);
  ASSERT_EQ(steps.points.size(), 2u);
  EXPECT_EQ(format_timestamp(steps.points[0].at), "2021-02-28T17:00:00Z");  // midnight in Viet Nam
  EXPECT_EQ(steps.points[1].value, Rational(13, 2));
  EXPECT_EQ(plan->targets[1].trajectory.kind, TrajectoryKind::table);
}

TEST(Load, TakesEveryKeyOfAnAlert) {
  const auto plan = load(R"(@calendar
@views
@kpis
@targets
alerts:
  all:
    title: { vi: Chậm }
    kpi: rate
    nodes: [all, "*"]
    every: month
    when: status = 'red' and late > 5 and window_end > now()
    for: 3 days
    keep_firing_for: 1 day 02:00:00
    severity: critical
    labels: { team: permits, Tầng: "2" }
    evaluate: 1 hour
  plain: { kpi: rate, when: value < 50 }
)");
  const AlertPlan& alert = plan->alerts[0];
  EXPECT_EQ(alert.title.vi, "Chậm");
  EXPECT_TRUE(alert.nodes.matches("all"));
  EXPECT_FALSE(alert.nodes.matches("a/b"));
  EXPECT_EQ(alert.window_spec, 0u);
  EXPECT_EQ(alert.for_duration, days(3));
  EXPECT_EQ(alert.keep_firing_for, days(1) + hours(2));
  EXPECT_EQ(alert.severity, "critical");
  EXPECT_EQ(alert.labels.at("Tầng"), "2");
  EXPECT_EQ(alert.evaluate_every, hours(1));
  EXPECT_EQ(plan->alerts[1].severity, "warning");
  EXPECT_EQ(plan->alerts[1].for_duration, Duration{});
  EXPECT_FALSE(plan->alerts[1].evaluate_every);
  EXPECT_FALSE(plan->alerts[1].window_spec);
  EXPECT_TRUE(plan->alerts[1].nodes.matches("a/b"));
}

TEST(Load, GivesAnAlertTheOnlyKpi) {
  const auto plan = load(R"(@calendar
@views
kpis: { rate: { value: late } }
targets: [{ target: 80 }]
alerts: { slipping: { when: status = 'red' } }
)");
  EXPECT_EQ(plan->alerts[0].kpi, 0u);
}

TEST(Load, AddsDeclaredColumnsAfterTheBuiltInOnes) {
  const auto plan = load("@calendar\ncolumns: { tasks: { channel: text, fee: decimal } }\n@views\n");
  const auto& columns = plan->scopes.at(Relation::tasks).columns;
  ASSERT_EQ(columns.size(), task_column::count_ + 2u);
  EXPECT_EQ(columns[task_column::count_].name, "channel");
  EXPECT_EQ(columns[task_column::count_ + 1].type, Type::decimal);
  EXPECT_EQ(plan->extra_columns.at(Relation::tasks).size(), 2u);
  EXPECT_EQ(plan->scopes.at(Relation::measurements).columns.size(), std::size_t{measurement_column::count_});
}

TEST(Load, TakesTheOrganisationAndTheCalendar) {
  const auto plan = load(R"(name: Hà Nội
time_zone: Asia/Ho_Chi_Minh
fiscal_year_start: 04-01
organisation: { root: city, tree: events, wait: 30 days }
@views
)");
  EXPECT_EQ(plan->name, "Hà Nội");
  EXPECT_EQ(plan->zone.name(), "Asia/Ho_Chi_Minh");
  EXPECT_EQ(plan->fiscal_year_start.month, 4);
  EXPECT_EQ(plan->organisation.root, "city");
  EXPECT_EQ(plan->organisation.tree, TreeSource::events);
  EXPECT_EQ(plan->organisation.wait_max, days(30));
}

TEST(Load, TakesTheIndicators) {
  EXPECT_EQ(load("@calendar\n@views\n")->indicators.from, IndicatorSource::any);
  const auto listed = load("@calendar\nindicators: { from: definition, names: [trees, people] }\n@views\n");
  EXPECT_EQ(listed->indicators.from, IndicatorSource::definition);
  EXPECT_EQ(listed->indicators.names, (std::vector<std::string>{"people", "trees"}));
  const auto events = load("@calendar\nindicators: { from: events, wait: 2 days }\n@views\n");
  EXPECT_EQ(events->indicators.from, IndicatorSource::events);
  EXPECT_EQ(events->indicators.wait_max, days(2));
}

TEST(Load, OfTwoAveragesThatAreNoMeanOfMeansIsAllowed) {
  const auto plan = load(
      "@calendar\n@views\nkpis:\n  both: { value: effort + effort_due }\n  ratio: { value: effort / 2 }\n"
      "  minutes: { value: (effort + effort_due) / 60 }\n");
  EXPECT_EQ(plan->kpis.size(), 3u);
}

}  // namespace
}  // namespace slipstream
