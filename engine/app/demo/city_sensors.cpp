#include "engine/app/demo/city_sensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/expression/cell.h"

namespace slipstream {
namespace {

// Days of one month, both ends included.
struct Spell {
  std::uint8_t month, first, last;
};
constexpr std::array<Spell, 4> kSmoke = {{{3, 10, 13}, {4, 21, 24}, {5, 14, 17}, {9, 3, 6}}};
constexpr std::array<Spell, 3> kFlood = {{{10, 24, 31}, {11, 1, 4}, {11, 18, 22}}};
constexpr std::array<Spell, 4> kJam = {{{4, 29, 30}, {5, 1, 2}, {6, 7, 14}, {9, 1, 2}}};
constexpr std::size_t kStricken = 2;  // sensors of each kind: the first ones

bool is_within(const auto& spells, CivilDate date) {
  return std::any_of(spells.begin(), spells.end(), [&](const Spell& spell) {
    return date.month == spell.month && date.day >= spell.first && date.day <= spell.last;
  });
}

}  // namespace

CitySensors::CitySensors(const CityOrganisation& city, EventSchedule& schedule, const SensorCounts& counts,
                         std::uint64_t seed)
    : schedule_(schedule), readings_(counts.readings), random_(seed) {
  std::vector<const CityUnit*> communes, by_river;
  for (const CityUnit& unit : city.units) {
    if (unit.is_commune) communes.push_back(&unit);
    if (unit.is_by_river) by_river.push_back(&unit);
  }
  const auto add = [&](std::string_view metric, const std::vector<const CityUnit*>& places,
                       std::size_t most) {
    for (std::size_t i = 0; i < std::min(places.size(), most); ++i)
      sensors_.push_back({metric, places[i]->name, i});
  };
  add("pm25", communes, counts.air);
  add("water_level", by_river, counts.water);
  add("traffic_speed", communes, counts.traffic);
}

std::int64_t CitySensors::reading_of(const Sensor& sensor, CivilDate date, std::int64_t hour) {
  const bool stricken = sensor.number < kStricken;
  if (sensor.metric == "pm25")
    return (stricken && is_within(kSmoke, date) ? 68 : 24) + random_.between(0, 20);
  if (sensor.metric == "water_level") return (is_within(kFlood, date) ? 330 : 110) + random_.between(0, 60);
  const bool rush_hour = hour == 7 || hour == 17;
  return (stricken && is_within(kJam, date) ? 8 : rush_hour ? 18 : 30) + random_.between(0, 6);
}

void CitySensors::make_day(CivilDate date) {
  for (std::int64_t n = 0; n < readings_; ++n) {
    const std::int64_t hour = 24 / readings_ * n;
    for (const Sensor& sensor : sensors_)
      schedule_.add("observation", schedule_.at(date, hour, 5),
                    fmt::format(R"("metric":"{}","node":{},"value":{},"sequence":{})", sensor.metric,
                                json_string(sensor.node), reading_of(sensor, date, hour), ++sequence_));
  }
}

}  // namespace slipstream
