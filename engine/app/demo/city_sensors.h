// The made-up city's sensors: fine dust, the level of its rivers, the speed of its traffic. Now and then there is
// smoke, a flood or a jam.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/app/demo/event_schedule.h"
#include "engine/app/demo/organisation.h"

namespace slipstream {

struct SensorCounts {
  std::size_t air, water, traffic;  // at most; rivers have no more gauges than communes along them
  std::int64_t readings;            // of each, a day
};

class CitySensors {
 public:
  // `schedule` outlives it.
  CitySensors(const CityOrganisation& city, EventSchedule& schedule, const SensorCounts& counts,
              std::uint64_t seed);
  void make_day(CivilDate date);

 private:
  struct Sensor {
    std::string_view metric;
    std::string node;
    std::size_t number;  // of its metric, from 0
  };

  std::int64_t reading_of(const Sensor& sensor, CivilDate date, std::int64_t hour);

  EventSchedule& schedule_;
  const std::int64_t readings_;
  Random random_;
  std::vector<Sensor> sensors_;
  std::int64_t sequence_ = 0;
};

}  // namespace slipstream
