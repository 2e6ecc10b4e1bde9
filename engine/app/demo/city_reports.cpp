#include "engine/app/demo/city_reports.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/expression/cell.h"

namespace slipstream {
namespace {

// All in thousandths of the year, or of the way from baseline to target.
constexpr std::int64_t kWhole = 1000;
constexpr std::int64_t kBehindBy = 240, kBehindFor = 480;

std::int64_t share_of_year(CivilDate date) {
  const std::int64_t first = days_since_epoch({date.year, 1, 1});
  return (days_since_epoch(date) + 1 - first) * kWhole / (days_since_epoch({date.year + 1, 1, 1}) - first);
}

// How far behind at `x` is who does nothing more from `from` on, and catches up again at twice the speed.
std::int64_t lag(std::int64_t x, std::int64_t from) {
  return std::max<std::int64_t>(std::min({kBehindBy, x - from, from + kBehindFor - x}), 0);
}

bool is_due(CityIndicator::Cadence cadence, CivilDate date) {
  if (date.month == 1 && date.day == 2) return true;  // where the year begins
  if (cadence == CityIndicator::Cadence::month) return date.day == 28;
  return (days_since_epoch(date) + 3) % 7 == 4;  // Fridays
}

}  // namespace

CityReports::CityReports(const CityOrganisation& city, EventSchedule& schedule, std::uint64_t seed)
    : schedule_(schedule), random_(seed) {
  for (const CityIndicator& indicator : city_indicators())
    for (const CityUnit& unit : city.units) {
      const bool by_communes = indicator.reports == CityIndicator::Reports::share_by_communes;
      if (by_communes ? unit.is_commune : unit.name == indicator.department)
        series_.push_back(make_series(indicator, unit));
    }
}

// Bà Nà's immunisation comes to a stop in April, An Hải's homes with clean water fall behind and catch up; of the
// others chance decides.
CityReports::Series CityReports::make_series(const CityIndicator& indicator, const CityUnit& unit) {
  Series series{&indicator, &unit};
  series.people = random_.between(400, 1200) * 10;
  series.turns_at = random_.between(20, 480);
  const auto lot = random_.below(100);
  series.pace = lot < 6 ? Pace::recovers : lot < 8 ? Pace::stops : Pace::steady;
  if (unit.name == "Xã Bà Nà" && indicator.name == "immunised") series.pace = Pace::stops;
  if (unit.name == "Phường An Hải" && indicator.name == "clean_water") series.pace = Pace::recovers;
  if (unit.name == "Xã Bà Nà" || unit.name == "Phường An Hải") series.turns_at = 250;
  return series;
}

std::int64_t CityReports::progress(const Series& series, CivilDate date) const {
  const std::int64_t x = share_of_year(date);
  const bool is_level = series.indicator->shape == CityIndicator::Shape::constant;
  switch (series.pace) {
    case Pace::steady:
      break;
    case Pace::recovers:
      return (is_level ? kWhole + 50 : x + 30) - lag(x, series.turns_at);
    case Pace::stops:
      if (x <= series.turns_at) break;
      return is_level ? kWhole + 50 - std::min(x - series.turns_at, kBehindBy)
                      : series.turns_at + 30 + (x - series.turns_at) / 6;
  }
  return is_level ? kWhole + 50 : x + 30;
}

void CityReports::make_day(CivilDate date) {
  for (const Series& series : series_)
    if (is_due(series.indicator->cadence, date)) report(series, date);
}

void CityReports::report(const Series& series, CivilDate date) {
  const CityIndicator& indicator = *series.indicator;
  const std::int64_t done = std::max<std::int64_t>(progress(series, date) + random_.between(-8, 8), 0);
  // In thousandths of the indicator's unit.
  const std::int64_t value =
      std::max<std::int64_t>(indicator.baseline * kWhole + (indicator.target - indicator.baseline) * done, 0);
  std::string figure;
  if (indicator.reports == CityIndicator::Reports::share_by_communes) {
    const std::int64_t share = std::min(value, 100 * kWhole);
    figure = fmt::format(R"("numerator":{},"denominator":{})", series.people * share / (100 * kWhole),
                         series.people);
  } else {
    figure = fmt::format(R"("value":{}.{})", value / kWhole, value % kWhole / 100);
  }
  schedule_.add("measurement.reported", schedule_.at(date, 16, random_.between(0, 59)),
                fmt::format(R"("indicator":"{}","node":{},{})", indicator.name,
                            json_string(series.unit->name), figure));
}

}  // namespace slipstream
