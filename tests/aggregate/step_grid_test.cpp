#include "engine/aggregate/step_grid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/aggregate/window_arbitrary.h"

namespace slipstream {
namespace {

rc::Gen<StepGrid> any_grid() {
  return rc::gen::exec([] {
    if (*rc::gen::inRange(0, 4) == 0)
      return StepGrid::fixed(seconds(*rc::gen::inRange<std::int64_t>(1, 1'000'000)));
    const auto unit = static_cast<CalendarUnit>(*rc::gen::inRange(0, 5));
    return StepGrid::calendar(unit, zone(*any_zone()), *any_fiscal_start());
  });
}

RC_GTEST_PROP(StepGridProperty, EveryInstantLiesInExactlyOneStep, ()) {
  const StepGrid grid = *any_grid();
  const Timestamp t = *any_instant();
  const std::int64_t index = grid.index_of(t);
  RC_ASSERT(grid.start_of(index) <= t);
  RC_ASSERT(t < grid.start_of(index + 1));
  RC_ASSERT(grid.index_of(grid.start_of(index)) == index);
  RC_ASSERT(grid.index_of(grid.start_of(index + 1) - microseconds(1)) == index);
}

RC_GTEST_PROP(StepGridProperty, StepsAreNumberedInOrder, ()) {
  const StepGrid grid = *any_grid();
  const Timestamp t = *any_instant();
  const Timestamp later = t + seconds(*rc::gen::inRange<std::int64_t>(0, 100'000'000));
  RC_ASSERT(grid.index_of(t) <= grid.index_of(later));
}

RC_GTEST_PROP(StepGridProperty, AStepComesBackFromItsLabel, ()) {
  const StepGrid grid = *any_grid();
  const std::int64_t index = grid.index_of(*any_instant());
  RC_ASSERT(grid.parse_label(grid.label(index)) == index);
}

TEST(StepGrid, IsoWeeksOverNewYearBelongToTheYearOfTheirThursday) {
  const StepGrid weeks = StepGrid::calendar(CalendarUnit::week, zone("Europe/Amsterdam"));
  const auto label_at = [&](std::string_view text) { return weeks.label(weeks.index_of(at(text))); };
  EXPECT_EQ(label_at("2021-01-03T22:59:59Z"), "2020-W53");
  EXPECT_EQ(label_at("2021-01-03T23:00:00Z"), "2021-W01");
  EXPECT_EQ(label_at("2019-12-30T12:00:00Z"), "2020-W01");
  EXPECT_EQ(label_at("2023-01-01T12:00:00Z"), "2022-W52");
  EXPECT_EQ(weeks.start_of(*weeks.parse_label("2021-W01")), at("2021-01-03T23:00:00Z"));
}

TEST(StepGrid, FiscalYearsAndQuartersCountFromTheirStart) {
  const CivilDate april{1970, 4, 1};
  const StepGrid years = StepGrid::calendar(CalendarUnit::year, Zone(), april);
  const StepGrid quarters = StepGrid::calendar(CalendarUnit::quarter, Zone(), april);
  EXPECT_EQ(years.label(years.index_of(at("2021-03-31T23:59:59Z"))), "2020");
  EXPECT_EQ(years.label(years.index_of(at("2021-04-01T00:00:00Z"))), "2021");
  EXPECT_EQ(quarters.label(quarters.index_of(at("2021-03-31T00:00:00Z"))), "2020-Q4");
  EXPECT_EQ(quarters.label(quarters.index_of(at("2021-04-01T00:00:00Z"))), "2021-Q1");
  EXPECT_EQ(quarters.start_of(*quarters.parse_label("2021-Q2")), at("2021-07-01T00:00:00Z"));
}

TEST(StepGrid, AYearFromTheTwentyNinthOfFebruaryStartsOnTheTwentyEighthElsewhere) {
  const StepGrid years = StepGrid::calendar(CalendarUnit::year, Zone(), {1970, 2, 29});
  EXPECT_EQ(years.start_of(2024), at("2024-02-29T00:00:00Z"));
  EXPECT_EQ(years.start_of(2023), at("2023-02-28T00:00:00Z"));
  const StepGrid quarters = StepGrid::calendar(CalendarUnit::quarter, Zone(), {1970, 2, 29});
  EXPECT_EQ(quarters.start_of(2023 * 4 + 1), at("2023-05-29T00:00:00Z"));
}

TEST(StepGrid, ADayTheZoneSkippedHoldsNoInstant) {
  const StepGrid apia = StepGrid::calendar(CalendarUnit::day, zone("Pacific/Apia"));
  const std::int64_t skipped = *apia.parse_label("2011-12-30");
  EXPECT_EQ(apia.start_of(skipped), apia.start_of(skipped + 1));
  EXPECT_EQ(apia.index_of(apia.start_of(skipped)), skipped + 1);
}

// On 2010-11-07 St John's set its clock from 00:01 back to 23:01 of the day before.
TEST(StepGrid, AClockSetBackOverMidnightDoesNotBringYesterdayBack) {
  const StepGrid days = StepGrid::calendar(CalendarUnit::day, zone("America/St_Johns"));
  const Timestamp midnight = at("2010-11-07T02:30:00Z");
  EXPECT_EQ(days.label(days.index_of(midnight - microseconds(1))), "2010-11-06");
  EXPECT_EQ(days.label(days.index_of(midnight)), "2010-11-07");
  EXPECT_EQ(days.label(days.index_of(midnight + minutes(30))), "2010-11-07") << "23:30 once more";
}

TEST(StepGrid, FixedStepsCountFromTheEpochInUtc) {
  const StepGrid grid = StepGrid::fixed(minutes(15));
  EXPECT_EQ(grid.label(grid.index_of(at("2021-03-14T10:29:59Z"))), "2021-03-14T10:15:00Z");
  EXPECT_EQ(grid.index_of(at("1969-12-31T23:59:59Z")), -1);
  EXPECT_EQ(grid.parse_label("2021-03-14T11:15:00+01:00"), grid.index_of(at("2021-03-14T10:15:00Z")));
  EXPECT_FALSE(grid.parse_label("2021-03-14T10:16:00Z").has_value());
}

TEST(StepGrid, WhatIsNoLabelIsRefused) {
  const auto refuses = [](CalendarUnit unit, std::initializer_list<const char*> texts) {
    const StepGrid grid = StepGrid::calendar(unit, Zone());
    for (const auto* text : texts)
      EXPECT_FALSE(grid.parse_label(text).has_value()) << text;
  };
  refuses(CalendarUnit::day, {"", "2021-02-29", "2021-3-1", "2021-03"});
  refuses(CalendarUnit::week, {"2021-W53", "2021-W00", "2021-W1", "2021-09", "2021-W09x"});
  refuses(CalendarUnit::month, {"2021-13", "2021-00", "2021-3", "2021", "2021-03-01"});
  refuses(CalendarUnit::quarter, {"2021-Q5", "2021-Q0", "2021-Q", "2021-Q11"});
  refuses(CalendarUnit::year, {"21", "20211", "year", ""});
}

TEST(StepGrid, TheEndsOfTimeAreInTheFirstAndLastStep) {
  for (const auto unit : {CalendarUnit::day, CalendarUnit::week, CalendarUnit::month, CalendarUnit::year}) {
    const StepGrid grid = StepGrid::calendar(unit, zone("Europe/Amsterdam"));
    EXPECT_LT(grid.index_of(Timestamp::min()), grid.index_of(at("0001-01-01T00:00:00Z")));
    EXPECT_GT(grid.index_of(Timestamp::max()), grid.index_of(at("9999-12-31T00:00:00Z")));
  }
}

}  // namespace
}  // namespace slipstream
