#include "engine/definition/version.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "connectors/definition/load_file.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

std::shared_ptr<const Plan> load(std::string_view text) {
  Diagnostics diagnostics;
  auto plan = load_definition_text(text, "city.yaml", diagnostics);
  if (plan == nullptr) throw std::runtime_error(all_messages(diagnostics));
  return plan;
}

const std::string kDefinitions = R"(name: city
time_zone: Europe/Amsterdam
views:
  delivery:
    from: tasks
    where: status <> 'a  b'
    window: { on: due_at, every: month }
    measures:
      late: count(*) filter (where completed_at > due_at)
      effort: sum(weight)
kpis:
  rate: { value: late + 1, title: Rate }
)";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Version, IsSixteenHexDigits) {
  const std::string version = load(kDefinitions)->version;
  EXPECT_EQ(version.size(), 16u);
  EXPECT_EQ(version.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Version, IsTheSameForTheSameTextInAnotherLayout) {
  const std::string other = R"yaml(# another layout
kpis: {"rate": {title: 'Rate', "value": "late   + 1"}}
time_zone: "Europe/Amsterdam"
views:
    delivery:
        measures:
            late: >-
                count(*)
                filter (where completed_at > due_at)
            effort: "sum(weight)"
        window:
            every: month
            on: due_at
        where: |
            status <> 'a  b'
        from: tasks
name: city
)yaml";
  EXPECT_EQ(load(other)->version, load(kDefinitions)->version);
  EXPECT_EQ(load(other)->views[0].id, load(kDefinitions)->views[0].id);
}

TEST(Version, IsAnotherForEveryChangeOfWhatIsWritten) {
  const std::string version = load(kDefinitions)->version;
  EXPECT_NE(load(replaced(kDefinitions, "title: Rate", "title: Tỷ lệ"))->version, version);
  EXPECT_NE(load(replaced(kDefinitions, "late + 1", "late + 2"))->version, version);
  EXPECT_NE(load(replaced(kDefinitions, "'a  b'", "'a b'"))->version, version);
}

TEST(ViewId, StaysWhereNoRowWouldChange) {
  const ViewId id = load(kDefinitions)->views[0].id;
  EXPECT_EQ(load(replaced(kDefinitions, "late + 1", "late + 2"))->views[0].id, id);
  EXPECT_EQ(load(replaced(kDefinitions, "name: city", "name: town"))->views[0].id, id);
  EXPECT_EQ(
      load(replaced(kDefinitions, "    from: tasks", "    title: Delivery\n    from: tasks"))->views[0].id,
      id);
  EXPECT_EQ(load(replaced(kDefinitions, "sum(weight)", "{ value: sum(weight), unit: points }"))->views[0].id,
            id);
  EXPECT_EQ(
      load(replaced(kDefinitions, "views:", "columns: { tasks: { channel: text } }\nviews:"))->views[0].id,
      id);
}

TEST(ViewId, IsAnotherWhereRowsWouldChange) {
  const ViewId id = load(kDefinitions)->views[0].id;
  const auto changed = [&](std::string_view from, std::string_view to) {
    return load(replaced(kDefinitions, from, to))->views[0].id;
  };
  EXPECT_NE(changed("delivery:", "deliveries:"), id);
  EXPECT_NE(changed("'a  b'", "'a b'"), id);
  EXPECT_NE(changed("every: month", "every: day"), id);
  EXPECT_NE(changed("on: due_at", "on: assigned_at"), id);
  EXPECT_NE(changed("from: tasks", "from: tasks\n    node: [unit, person]"), id);
  EXPECT_NE(changed("from: tasks", "from: tasks\n    retention: 3 days"), id);
  EXPECT_NE(changed("sum(weight)", "max(weight)"), id);
  EXPECT_NE(changed("effort:", "work:"), id);
  EXPECT_NE(changed("Europe/Amsterdam", "Europe/Berlin"), id);
  EXPECT_NE(changed("views:", "fiscal_year_start: 04-01\nviews:"), id);
  EXPECT_NE(changed("views:", "organisation: { root: city }\nviews:"), id);
}

TEST(ViewId, OfReportedFiguresTellsWhichIndicatorsCount) {
  const std::string figures =
      "time_zone: UTC\nviews:\n  stock:\n    from: measurements\n    window: { every: day }\n"
      "    measures: { total: sum(value) }\n";
  const auto with = [](const std::string& text, const std::string& indicators) {
    return load("indicators: " + indicators + "\n" + text)->views[0].id;
  };
  const ViewId any = load(figures)->views[0].id;
  const ViewId listed = with(figures, "{ from: definition, names: [people, trees] }");
  EXPECT_NE(listed, any);
  EXPECT_EQ(with(figures, "{ names: [trees, people], from: definition }"), listed);
  EXPECT_NE(with(figures, "{ from: definition, names: [people] }"), listed);
  EXPECT_NE(with(figures, "{ from: events }"), any);
  EXPECT_NE(with(figures, "{ from: events }"), listed);
  EXPECT_EQ(with(figures, "{ from: events, wait: 3 days }"), with(figures, "{ from: events }"));
  EXPECT_EQ(with(kDefinitions, "{ from: events }"), load(kDefinitions)->views[0].id)
      << "tasks have no indicator";
}

TEST(StateVersion, TellsWhatIsAcceptedAndHowLongItMayWait) {
  const auto with = [](const std::string& head) { return load(head + "\n" + kDefinitions)->state_version; };
  const std::string tree = with("organisation: { tree: events }");
  EXPECT_NE(with("organisation: { tree: events, wait: 3 days }"), tree);
  EXPECT_NE(with("organisation: { tree: events, wait: 3 days }"),
            with("organisation: { tree: events, wait: 4 days }"));
  EXPECT_NE(with("indicators: { from: events, wait: 3 days }"), with("indicators: { from: events }"));
  EXPECT_NE(with("indicators: { from: definition, names: [a] }"), load(kDefinitions)->state_version)
      << "figures of others are refused, whether a view counts figures or not";
  EXPECT_NE(with("indicators: { from: definition, names: [a] }"),
            with("indicators: { from: definition, names: [b] }"));
}

TEST(ViewsVersion, TellsWhichRowsArePublishedAndHowTheyAreShaped) {
  const std::string published =
      replaced(kDefinitions, "    from: tasks\n", "    from: tasks\n    publish: true\n");
  const auto plain = load(kDefinitions), plan = load(published);
  EXPECT_EQ(plain->views_version, "");
  EXPECT_NE(plan->views_version, "");
  EXPECT_NE(plan->version, plain->version);
  EXPECT_EQ(plan->views[0].id, plain->views[0].id);
  EXPECT_EQ(plan->state_version, plain->state_version) << "the rows are the same";
  EXPECT_NE(load(replaced(published, "sum(weight)", "avg(weight)"))->views_version, plan->views_version);
  EXPECT_EQ(load(replaced(published, "name: city", "name: other"))->views_version, plan->views_version);
}

TEST(ViewId, IsAnotherForAnotherOrderOfMeasuresAndSoIsTheVersion) {
  const auto plan = load(kDefinitions);
  const auto swapped = load(replaced(replaced(kDefinitions, "      effort: sum(weight)\n", ""),
                                     "    measures:\n", "    measures:\n      effort: sum(weight)\n"));
  EXPECT_NE(swapped->views[0].id, plan->views[0].id);
  EXPECT_NE(swapped->version, plan->version);
}

const std::string kJudged = kDefinitions + R"(targets:
  - { kpi: rate, every: month, target: 80, amber: 5 }
  - { name: Own, kpi: rate, from: 2026-01-01, to: 2026-12-31, target: 90, trajectory: { steps: [{ at: 2026-03-01, value: 50 }] } }
alerts:
  slip: { kpi: rate, when: status = 'red', for: 3 days, labels: { team: roads } }
)";

// Of the one alert, with the targets in order and with none.
std::vector<std::string> bases(const std::string& text) {
  const auto plan = load(text);
  std::vector<std::string> found{basis_of(*plan, plan->alerts[0], nullptr)};
  for (const TargetPlan& target : plan->targets)
    found.push_back(basis_of(*plan, plan->alerts[0], &target));
  return found;
}

TEST(Basis, IsTheSameWhateverIsCalledOtherwise) {
  const std::pair<const char*, const char*> changes[] = {
      {"name: city", "name: town"},
      {"title: Rate", "title: { en: Rates, vi: Tỷ lệ }"},
      {"title: Rate", "unit: percent, precision: 1"},
      {"  delivery:\n", "  delivery:\n    title: Delivery\n"},
      {"{ kpi: rate, every: month, target", "{ name: Monthly, kpi: rate, nodes: [\"*\"], target"},
      {"late + 1,", "late  +  1,"},
      {"slip: { kpi: rate", "slip: { title: Slipping, nodes: [\"*\"], evaluate: 1 hour, kpi: rate"},
      {"kpis:\n", "kpis:\n  other: { value: late, view: delivery }\n"}};
  for (const auto& [from, to] : changes)
    EXPECT_EQ(bases(replaced(kJudged, from, to)), bases(kJudged)) << to;
}

TEST(Basis, IsAnotherForEveryChangeOfRuleKpiOrView) {
  const std::pair<const char*, const char*> changes[] = {
      {"status = 'red'", "status <> 'green'"},
      {"for: 3 days", "for: 4 days"},
      {"for: 3 days", "for: 3 days, keep_firing_for: 1 day"},
      {"for: 3 days", "for: 3 days, severity: critical"},
      {"team: roads", "team: parks"},
      {"late + 1", "late + 2"},
      {"title: Rate", "better: lower"},
      {"sum(weight)", "max(weight)"},
      {"Amsterdam", "Berlin"}};
  for (const auto& [from, to] : changes) {
    const auto before = bases(kJudged), after = bases(replaced(kJudged, from, to));
    for (std::size_t i = 0; i < before.size(); ++i)
      EXPECT_NE(before[i], after[i]) << to;
  }
}

TEST(Basis, IsAnotherForEveryChangeOfTheTargetAndOfThatOneAlone) {
  const std::vector<std::string> before = bases(kJudged);
  EXPECT_NE(before[0], before[1]);
  EXPECT_NE(before[1], before[2]);
  const std::pair<const char*, const char*> changes[] = {{"target: 80", "target: 85"},
                                                         {"target: 80", "target: 80, baseline: 10"},
                                                         {"target: 80", "target: 80, trajectory: linear"},
                                                         {"target: 80", "target: 80, green: 1"},
                                                         {"target: 80", "target: 80, source: events"},
                                                         {"amber: 5", "amber: 6"},
                                                         {"amber: 5", "amber: 5, tolerance: relative"}};
  for (const auto& [from, to] : changes) {
    const std::vector<std::string> after = bases(replaced(kJudged, from, to));
    EXPECT_NE(before[1], after[1]) << to;
    EXPECT_EQ(before[0], after[0]) << to;
    EXPECT_EQ(before[2], after[2]) << to;
  }
  EXPECT_NE(before[2], bases(replaced(kJudged, "at: 2026-03-01", "at: 2026-04-01"))[2]);
  EXPECT_NE(before[2], bases(replaced(kJudged, "value: 50", "value: 60"))[2]);
  EXPECT_NE(before[2], bases(replaced(kJudged, "to: 2026-12-31", "to: 2026-12-30"))[2]);
}

}  // namespace
}  // namespace slipstream
