#include "engine/app/demo/city_definitions.h"

#include <string_view>

namespace slipstream {
namespace {

constexpr std::string_view kDefinitions = R"yaml(# A small city: its tasks, a health programme and its air.
name: Sông Hàn
time_zone: Asia/Ho_Chi_Minh

organisation: { root: Sông Hàn, tree: events }

views:
  delivery:
    title: { en: Tasks, vi: Nhiệm vụ }
    from: tasks
    node: [unit, person]
    window: { on: due_at, every: month }
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
      returned: sum(returns)
  programme:
    title: { en: Immunisation, vi: Tiêm chủng }
    from: measurements
    where: indicator = 'immunised'
    window: { every: month }
    latest_per: series
    measures:
      immunised: sum(numerator)
      children: sum(denominator)
  air:
    title: { en: Air, vi: Không khí }
    from: observations
    where: metric = 'pm25'
    window: { every: day }
    measures:
      particles: avg(value)
      readings: count(*)

kpis:
  on_time_rate:
    title: { en: On-time rate, vi: Tỷ lệ đúng hạn }
    view: delivery
    value: 100.0 * on_time / nullif(on_time + late + overdue, 0)
    unit: percent
    precision: 1
  coverage:
    title: { en: Immunisation coverage, vi: Tỷ lệ tiêm chủng }
    view: programme
    value: 100.0 * immunised / nullif(children, 0)
    unit: percent
    precision: 1
  particulates:
    title: { en: Fine dust, vi: Bụi mịn PM2.5 }
    view: air
    value: particles
    unit: µg/m³
    better: lower
    precision: 1

targets:
  - { kpi: on_time_rate, every: month, target: 85, amber: 10 }
  - { kpi: coverage, from: 2025-01-01, to: 2025-06-30, baseline: 20, target: 95, trajectory: linear, green: 1, amber: 12 }
  - { kpi: particulates, every: day, target: 50, amber: 10 }

alerts:
  tasks_slipping:
    title: { en: Tasks are slipping, vi: Nhiệm vụ chậm tiến độ }
    kpi: on_time_rate
    nodes: UNITS
    every: month
    when: status = 'red' and on_time + late + overdue >= 4
    for: 3 days
    keep_firing_for: 1 day
  programme_behind:
    title: { en: The programme is behind, vi: Chương trình chậm kế hoạch }
    kpi: coverage
    nodes: UNITS
    when: status = 'red'
    for: 2 days
    severity: critical
  dusty_air:
    title: { en: Dusty air, vi: Bụi vượt ngưỡng }
    kpi: particulates
    nodes: UNITS
    when: status = 'red' and readings >= 3
    severity: info
)yaml";

}  // namespace

std::string city_definitions(const std::vector<std::string>& units) {
  std::string list;
  for (const std::string& unit : units)
    list += (list.empty() ? "[\"" : ", \"") + unit + "\"";
  list += "]";
  std::string out;
  std::string_view rest = kDefinitions;
  constexpr std::string_view kPlace = "UNITS";
  for (std::size_t at = rest.find(kPlace); at != std::string_view::npos; at = rest.find(kPlace)) {
    out += rest.substr(0, at);
    out += list;
    rest.remove_prefix(at + kPlace.size());
  }
  return out.append(rest);
}

}  // namespace slipstream
