#include "engine/app/demo/city_definitions.h"

#include <fmt/format.h>

#include <string_view>

#include "engine/app/demo/indicators.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::string_view kHead = R"yaml(# A made-up city: its tasks, its indicators and its sensors.
name: Sông Hàn
time_zone: Asia/Ho_Chi_Minh

organisation: {{ root: {root}, tree: events }}

views:
  delivery:
    title: {{ en: Tasks, vi: Nhiệm vụ }}
    from: tasks
    node: [unit, person]
    window: {{ on: due_at, every: [month, year] }}
    measures:
      due: count(*)
      on_time: count(*) filter (where completed_at <= due_at)
      late: count(*) filter (where completed_at > due_at)
      overdue: count(*) filter (where completed_at is null and due_at < now())
      returned: sum(returns)
  air:
    title: {{ en: Air, vi: Không khí }}
    from: observations
    where: metric = 'pm25'
    window: {{ every: day }}
    measures: {{ particles: avg(value), air_readings: count(*) }}
  water:
    title: {{ en: Rivers, vi: Sông ngòi }}
    from: observations
    where: metric = 'water_level'
    window: {{ every: day }}
    measures: {{ level: max(value) }}
  traffic:
    title: {{ en: Traffic, vi: Giao thông }}
    from: observations
    where: metric = 'traffic_speed'
    window: {{ every: day }}
    measures: {{ speed: avg(value), traffic_readings: count(*) }}
)yaml";

constexpr std::string_view kKpis = R"yaml(
kpis:
  on_time_rate:
    title: { en: On-time rate, vi: Tỷ lệ đúng hạn }
    value: 100.0 * on_time / nullif(on_time + late + overdue, 0)
    unit: percent
    precision: 1
  backlog_rate:
    title: { en: Tasks overdue, vi: Tỷ lệ quá hạn chưa xong }
    value: 100.0 * overdue / nullif(on_time + late + overdue, 0)
    unit: percent
    better: lower
    precision: 1
  particulates: { title: { en: Fine dust, vi: Bụi mịn PM2.5 }, value: particles, unit: µg/m³, better: lower, precision: 1 }
  river_level: { title: { en: River level, vi: Mực nước sông }, value: level, unit: cm, better: lower, precision: 0 }
  traffic_speed: { title: { en: Traffic speed, vi: Tốc độ giao thông }, value: speed, unit: km/h, precision: 1 }
)yaml";

constexpr std::string_view kTargets = R"yaml(
targets:
  - { kpi: on_time_rate, every: month, target: 85, amber: 10 }
  - { kpi: on_time_rate, every: year, target: 85, amber: 10 }
  - { kpi: backlog_rate, every: year, target: 3, amber: 2 }
  - { kpi: particulates, every: day, target: 50, amber: 10 }
  - { kpi: river_level, every: day, target: 200, amber: 50 }
  - { kpi: traffic_speed, every: day, target: 22, amber: 4 }
)yaml";

constexpr std::string_view kAlerts = R"yaml(
alerts:
  tasks_slipping:
    title: {{ en: Tasks are slipping, vi: Nhiệm vụ chậm tiến độ }}
    kpi: on_time_rate
    nodes: {units}
    every: month
    when: status = 'red' and on_time + late + overdue >= 8
    for: 3 days
    keep_firing_for: 1 day
  backlog_growing:
    title: {{ en: Overdue tasks pile up, vi: Nhiệm vụ quá hạn tồn đọng }}
    kpi: backlog_rate
    nodes: {units}
    every: year
    when: status = 'red' and on_time + late + overdue >= 30
    for: 2 days
    keep_firing_for: 2 days
    severity: critical
  dusty_air:
    title: {{ en: Dusty air, vi: Bụi vượt ngưỡng }}
    kpi: particulates
    nodes: {communes}
    when: status = 'red' and air_readings >= 3
    severity: info
  river_high:
    title: {{ en: The river is high, vi: Nước sông dâng cao }}
    kpi: river_level
    nodes: {communes}
    when: status = 'red'
    severity: critical
  traffic_slow:
    title: {{ en: Traffic is slow, vi: Ùn tắc giao thông }}
    kpi: traffic_speed
    nodes: {communes}
    when: status = 'red' and traffic_readings >= 3
    severity: info
)yaml";

bool is_share(const CityIndicator& indicator) {
  return indicator.reports == CityIndicator::Reports::share_by_communes;
}

// Of each unit the figure reported last stands.
std::string views_of_indicators() {
  std::string out;
  for (const IndicatorField& field : indicator_fields()) {
    out += fmt::format(
        "  {}:\n    title: {{ en: {}, vi: \"{}\" }}\n    from: measurements\n    window: {{ every: month }}\n"
        "    latest_per: series\n",
        field.name, field.en, field.vi);
    std::string names, measures;
    for (const CityIndicator& indicator : city_indicators()) {
      if (indicator.field != field.name) continue;
      names += fmt::format("{}'{}'", names.empty() ? "" : ", ", indicator.name);
      constexpr std::string_view kMeasure = "      {0}_{1}: sum({2}) filter (where indicator = '{0}')\n";
      if (is_share(indicator)) {
        measures += fmt::format(kMeasure, indicator.name, "done", "numerator");
        measures += fmt::format(kMeasure, indicator.name, "of", "denominator");
      } else {
        measures += fmt::format(kMeasure, indicator.name, "reported", "value");
      }
    }
    out += fmt::format("    where: indicator in ({})\n    measures:\n{}", names, measures);
  }
  return out;
}

std::string kpis_of_indicators() {
  std::string out;
  for (const CityIndicator& indicator : city_indicators())
    out += fmt::format(
        "  {0}: {{ title: {{ en: {1}, vi: {2} }}, value: \"{3}\", unit: {4}, better: {5}, precision: 1 }}\n",
        indicator.name, indicator.en, indicator.vi,
        is_share(indicator) ? fmt::format("100.0 * {0}_done / nullif({0}_of, 0)", indicator.name)
                            : fmt::format("{}_reported", indicator.name),
        indicator.unit, indicator.is_higher_better ? "higher" : "lower");
  return out;
}

// `share`: of the way from baseline to target, in hundredths; exact to two digits.
std::string point(std::int32_t year, int month, const CityIndicator& indicator, int share) {
  const std::int64_t hundredths = indicator.baseline * 100 + (indicator.target - indicator.baseline) * share;
  return fmt::format("{{ at: {}-{:02}-01, value: {}.{:02} }}", year, month, hundredths / 100,
                     hundredths % 100);
}

std::string trajectory_of(const CityIndicator& indicator, std::int32_t year) {
  const auto at = [&](int month, int share) { return point(year, month, indicator, share); };
  switch (indicator.shape) {
    case CityIndicator::Shape::constant:
      return "constant";
    case CityIndicator::Shape::linear:
      return "linear";
    case CityIndicator::Shape::stepped:
      return fmt::format("{{ steps: [{}, {}, {}] }}", at(4, 25), at(7, 50), at(10, 75));
    case CityIndicator::Shape::table:
      return fmt::format("{{ table: [{}, {}] }}", at(4, 15), at(7, 40));
  }
  return {};
}

std::string targets_of_indicators(std::int32_t year) {
  std::string out;
  for (const CityIndicator& indicator : city_indicators())
    out += fmt::format(
        "  - {{ kpi: {0}, from: {1}-01-01, to: {1}-12-31, baseline: {2}, target: {3}, trajectory: {4}, "
        "tolerance: relative, green: 0.08, amber: 0.15 }}\n",
        indicator.name, year, indicator.baseline, indicator.target, trajectory_of(indicator, year));
  return out;
}

std::string alerts_of_indicators() {
  std::string out;
  for (const CityIndicator& indicator : city_indicators())
    out += fmt::format(
        "  {0}_behind: {{ title: {{ en: Behind plan, vi: Chậm kế hoạch }}, kpi: {0}, when: status = 'red', "
        "for: 3 "
        "days, keep_firing_for: 1 day, severity: {1} }}\n",
        indicator.name, indicator.severity);
  return out;
}

std::string names_of(const CityOrganisation& city, bool communes_alone) {
  std::string list;
  for (const CityUnit& unit : city.units)
    if (unit.is_commune || !communes_alone) list += (list.empty() ? "[" : ", ") + json_string(unit.name);
  return list + "]";
}

}  // namespace

std::string city_definitions(const CityOrganisation& city, std::int32_t year) {
  return fmt::format(kHead, fmt::arg("root", city.root)) + views_of_indicators() + std::string(kKpis) +
         kpis_of_indicators() + std::string(kTargets) + targets_of_indicators(year) +
         fmt::format(kAlerts, fmt::arg("units", names_of(city, false)),
                     fmt::arg("communes", names_of(city, true))) +
         alerts_of_indicators();
}

}  // namespace slipstream
