// Random calendars for properties.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/aggregate/window.h"

namespace slipstream {

inline Zone zone(std::string_view name) { return Zone::find(name).value(); }
inline Timestamp at(std::string_view text) { return parse_timestamp(text).value(); }

// Zones with, without and with half an hour of daylight saving; one that skipped a day; one that set its
// clock back over midnight; one without offset.
inline rc::Gen<std::string> any_zone() {
  return rc::gen::element<std::string>("UTC", "Europe/Amsterdam", "Asia/Ho_Chi_Minh", "America/New_York",
                                       "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns");
}

inline rc::Gen<Timestamp> any_instant() {
  const auto within = [](std::string_view from, std::string_view to) {
    return rc::gen::map(rc::gen::inRange<std::int64_t>(at(from).us, at(to).us),
                        [](std::int64_t us) { return Timestamp{us}; });
  };
  return rc::gen::weightedOneOf<Timestamp>({{6, within("1985-01-01T00:00:00Z", "2045-01-01T00:00:00Z")},
                                            {1, within("2011-12-28T00:00:00Z", "2012-01-02T00:00:00Z")},
                                            {1, within("2010-11-06T00:00:00Z", "2010-11-09T00:00:00Z")},
                                            {1, within("0002-01-01T00:00:00Z", "9998-01-01T00:00:00Z")}});
}

inline rc::Gen<CivilDate> any_fiscal_start() {
  return rc::gen::elementOf(std::vector<CivilDate>{
      {1970, 1, 1}, {1970, 4, 1}, {1970, 10, 1}, {1970, 12, 15}, {1970, 2, 29}, {1970, 1, 31}});
}

inline std::vector<WindowSpec> calendar_specs() {
  using enum CalendarUnit;
  return {WindowSpec::calendar(day),     WindowSpec::calendar(week),        WindowSpec::calendar(month),
          WindowSpec::calendar(quarter), WindowSpec::calendar(year),        WindowSpec::year_to_date(),
          WindowSpec::year_to_date(day), WindowSpec::year_to_date(quarter), WindowSpec::cumulative(),
          WindowSpec::cumulative(week),  WindowSpec::sliding(7, day),       WindowSpec::sliding(4, week),
          WindowSpec::sliding(3, month), WindowSpec::sliding(2, year),      WindowSpec::session(minutes(30))};
}

inline std::vector<WindowSpec> duration_specs() {
  return {WindowSpec::tumbling(minutes(15)),          WindowSpec::tumbling(minutes(10)),
          WindowSpec::hopping(hours(1), minutes(25)), WindowSpec::hopping(hours(1), minutes(15)),
          WindowSpec::hopping(hours(1), hours(1)),    WindowSpec::sliding(4, minutes(20)),
          WindowSpec::cumulative(hours(6)),           WindowSpec::session(minutes(30))};
}

// A plan of one to four windows, at least one of which is no session.
inline rc::Gen<WindowPlan> any_plan() {
  return rc::gen::exec([] {
    auto pool = *rc::gen::element(calendar_specs(), duration_specs());
    const auto chosen =
        *rc::gen::unique<std::vector<std::size_t>>(4, rc::gen::inRange<std::size_t>(0, pool.size() - 1));
    std::vector<WindowSpec> specs;
    for (const std::size_t i : chosen)
      specs.push_back(pool[i]);
    specs.resize(*rc::gen::inRange<std::size_t>(1, specs.size() + 1));
    if (*rc::gen::inRange(0, 8) == 0) specs.push_back(pool.back());
    return WindowPlan::make(std::move(specs), zone(*any_zone()), *any_fiscal_start()).value();
  });
}

}  // namespace slipstream
