#include "engine/definition/describe.h"

#include <gtest/gtest.h>

#include "connectors/definition/load_file.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

TEST(Describe, ShowsWhatWasUnderstood) {
  Diagnostics diagnostics;
  const auto plan = load_definition_text(R"(name: city
time_zone: Europe/Amsterdam
organisation: { root: city }
views:
  delivery:
    title: Delivery
    from: tasks
    where: not cancelled
    node: [unit, person]
    window: { on: due_at, every: [month, year_to_date] }
    retention: 400 days
    publish: true
    measures:
      late: { value: count(*) filter (where completed_at > due_at), unit: tasks }
      lateness: avg(completed_at - due_at)
kpis:
  share: { value: late + 0.5, unit: percent, better: lower }
  band: { value: late, better: range, view: delivery }
targets:
  - { kpi: share, target: 12.5, amber: 0.1, tolerance: relative }
  - { name: middle, kpi: band, nodes: [city, "*"], from: 2021-03-01, to: 2021-03-31, target: { low: 1, high: 2 } }
alerts:
  slipping: { kpi: share, when: status = 'red', for: 3 days }
)",
                                         "city.yaml", diagnostics);
  ASSERT_NE(plan, nullptr) << all_messages(diagnostics);
  EXPECT_EQ(describe(*plan), "definitions city version " + plan->version + R"(: Europe/Amsterdam, root city
view delivery "Delivery": from tasks by city/<unit>/<person>, every month, year_to_date of due_at
  where not cancelled
  published to the topic of views
  kept for 400 days
  late integer, tasks: count(*) filter (where completed_at > due_at)
  lateness interval: avg(completed_at - due_at)
kpi share: late + 0.5 of view delivery, percent, lower is better
kpi band: late of view delivery, within a range is better
target 1: share 12.5 for **, every month, constant, green within 0 of the distance, amber within 0.1 of the distance
target middle: band 1 to 2 for city, *, from 2021-03-01T00:00:00+01:00 to 2021-04-01T00:00:00+02:00, constant, green within 0, amber within 0
alert slipping: warning on share for **, when status = 'red', for 3 days
)");
}

TEST(Describe, SaysWhatIsWaitedFor) {
  const auto described = [](const std::string& head) {
    Diagnostics diagnostics;
    const auto plan = load_definition_text(head +
                                               "\ntime_zone: UTC\nviews: { v: { from: measurements, window: "
                                               "{ every: day }, measures: { n: count(*) } } }\n",
                                           "city.yaml", diagnostics);
    if (plan == nullptr) return all_messages(diagnostics);
    const std::string text = describe(*plan);
    const std::size_t begin = text.find('\n') + 1;
    return text.substr(begin, text.find("view v") - begin);
  };
  EXPECT_EQ(described("organisation: { root: city }"), "");
  EXPECT_EQ(described("organisation: { tree: events }"),
            "organisation from events: an unknown node is waited for without end\n");
  EXPECT_EQ(
      described("organisation: { tree: events, wait: 3 days }\nindicators: { from: events, wait: 4 days }"),
      "organisation from events: an unknown node is waited for 3 days\n"
      "indicators from events: an undefined one is waited for 4 days\n");
  EXPECT_EQ(described("indicators: { from: definition, names: [trees, people] }"),
            "indicators, and no others: people, trees\n");
}

}  // namespace
}  // namespace slipstream
