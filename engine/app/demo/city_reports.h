// What the made-up city's units report of its indicators: most on their way to the target, some behind for a
// while, a few that come to a stop.
#pragma once

#include <vector>

#include "engine/app/demo/event_schedule.h"
#include "engine/app/demo/indicators.h"
#include "engine/app/demo/organisation.h"

namespace slipstream {

class CityReports {
 public:
  // Both outlive it.
  CityReports(const CityOrganisation& city, EventSchedule& schedule, std::uint64_t seed);
  void make_day(CivilDate date);

 private:
  enum class Pace : std::uint8_t { steady, recovers, stops };
  // One indicator of one unit.
  struct Series {
    const CityIndicator* indicator = nullptr;
    const CityUnit* unit = nullptr;
    Pace pace = Pace::steady;
    std::int64_t turns_at = 0;  // when it falls behind, in thousandths of the year
    std::int64_t people = 0;    // of whom a share is reported
  };

  Series make_series(const CityIndicator& indicator, const CityUnit& unit);
  std::int64_t progress(const Series& series, CivilDate date) const;
  void report(const Series& series, CivilDate date);

  EventSchedule& schedule_;
  Random random_;
  std::vector<Series> series_;
};

}  // namespace slipstream
