// A made-up city: departments, communes and officers, a year of tasks, sixty indicators with targets, sensors.
// The same seed and size give the same bytes everywhere.
//
// What is to be found in it: units that let their tasks slip and recover, and some that never do; indicators that
// fall behind and catch up, and some that come to a stop; days of smoke, flood and jams.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/app/demo/city_reports.h"
#include "engine/app/demo/city_sensors.h"
#include "engine/app/demo/city_tasks.h"
#include "engine/app/demo/event_schedule.h"
#include "engine/app/demo/organisation.h"

namespace slipstream {

enum class CitySize : std::uint8_t {
  small,  // six units and half a year: for tests and a first look
  city,   // twenty departments, forty communes, 1,300 officers, a year
};

class City {
 public:
  City(std::uint64_t seed, CitySize size);

  const CityOrganisation& organisation() const { return organisation_; }
  std::string definitions() const;  // YAML
  const Zone& zone() const { return schedule_.zone(); }
  // All events lie in [begins, ends).
  Timestamp begins() const { return zone().start_of_day(begins_); }
  Timestamp ends() const { return schedule_.ends(); }

  // Appends the events of the next day, in order of time. False: there is no more.
  bool next_day(std::vector<CityEvent>& events);

 private:
  struct Scale;
  City(std::uint64_t seed, const Scale& scale);
  static const Scale& scale_of(CitySize size);
  void found();

  const CivilDate begins_;
  CivilDate day_;  // the next
  EventSchedule schedule_;
  Random random_;
  const CityOrganisation organisation_;
  CityTasks tasks_;
  CityReports reports_;
  CitySensors sensors_;
};

}  // namespace slipstream
