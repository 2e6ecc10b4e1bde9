// The made-up city's tasks: assigned on working days, reported on, extended, handed over, completed in time, late
// or never, reviewed and returned.
//
// Some units slip for some months: half of what they do is late and much is left lying. Most of them recover and
// finish what lay; a few never do.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/app/demo/event_schedule.h"
#include "engine/app/demo/organisation.h"

namespace slipstream {

class CityTasks {
 public:
  // Both outlive it. `tasks_of_officer`: a month, about.
  CityTasks(const CityOrganisation& city, EventSchedule& schedule, std::uint64_t tasks_of_officer,
            std::uint64_t seed);
  // What is assigned that day, and all that becomes of it later.
  void make_day(CivilDate date);

 private:
  struct Slip {
    CivilDate from;
    std::optional<CivilDate> until;  // none: it never recovers
  };

  void choose_slips();
  const Slip* slip_of(std::size_t unit, CivilDate date) const;
  void make_task(const CityOfficer& officer, CivilDate date);
  void hand_over(const CityOfficer& officer, const std::string& task, Timestamp at);
  void finish(const CityOfficer& officer, CivilDate date, const std::string& task, Timestamp assigned,
              Timestamp due);
  std::optional<Timestamp> completion(const Slip* slip, Timestamp assigned, Timestamp due);
  void review(const std::string& task, Timestamp done);

  const CityOrganisation& city_;
  EventSchedule& schedule_;
  const std::uint64_t tasks_of_officer_;
  Random random_;
  std::map<std::size_t, Slip> slips_;       // by unit
  std::vector<std::size_t> first_of_unit_;  // index of each unit's first officer, and one past the last
  std::int64_t tasks_ = 0;
};

}  // namespace slipstream
