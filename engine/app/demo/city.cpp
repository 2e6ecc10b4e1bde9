#include "engine/app/demo/city.h"

#include <fmt/format.h>

#include "engine/app/demo/city_definitions.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::int32_t kYear = 2025;

Zone zone_of_city() { return Zone::find("Asia/Ho_Chi_Minh").value_or(Zone()); }

}  // namespace

struct City::Scale {
  CivilDate ends;
  OrganisationSize organisation;
  std::uint64_t tasks_of_officer;  // a month
  SensorCounts sensors;
};

const City::Scale& City::scale_of(CitySize size) {
  static constexpr Scale kSmall{{kYear, 7, 1}, {3, 3, 3, 3}, 5, {3, 1, 2, 4}};
  static constexpr Scale kCity{{kYear + 1, 1, 1}, {20, 35, 40, 15}, 4, {12, 8, 10, 24}};
  return size == CitySize::small ? kSmall : kCity;
}

City::City(std::uint64_t seed, CitySize size) : City(seed, scale_of(size)) {}

// Each part draws from random numbers of its own: more of one changes nothing about the others.
City::City(std::uint64_t seed, const Scale& scale)
    : begins_{kYear, 1, 1},
      day_(begins_),
      schedule_(zone_of_city(), zone_of_city().start_of_day(scale.ends)),
      random_(seed),
      organisation_(make_organisation(scale.organisation, random_)),
      tasks_(organisation_, schedule_, scale.tasks_of_officer, random_.next()),
      reports_(organisation_, schedule_, random_.next()),
      sensors_(organisation_, schedule_, scale.sensors, random_.next()) {
  found();
}

std::string City::definitions() const { return city_definitions(organisation_, kYear); }

void City::found() {
  const auto add_unit = [&](const std::string& unit, const std::string& parent) {
    schedule_.add("unit.created", begins(),
                  fmt::format(R"("unit":{},"parent":{})", json_string(unit), json_string(parent)));
  };
  add_unit(organisation_.departments, organisation_.root);
  add_unit(organisation_.communes, organisation_.root);
  for (const CityUnit& unit : organisation_.units)
    add_unit(unit.name, organisation_.parent_of(unit));
  for (const CityOfficer& officer : organisation_.officers)
    schedule_.add(
        "person.appointed", begins(),
        fmt::format(R"("person":{},"unit":{},"position":{})", json_string(officer.name),
                    json_string(organisation_.units[officer.unit].name), json_string(officer.position)));
}

bool City::next_day(std::vector<CityEvent>& events) {
  if (zone().start_of_day(day_) >= ends()) return false;
  tasks_.make_day(day_);
  reports_.make_day(day_);
  sensors_.make_day(day_);
  day_ = civil_from_days(days_since_epoch(day_) + 1);
  schedule_.take(zone().start_of_day(day_), events);
  return true;
}

}  // namespace slipstream
