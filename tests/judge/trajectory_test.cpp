#include "engine/judge/trajectory.h"

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

const Trajectory kLinear{TrajectoryKind::linear, {}};

TEST(LinearTrajectory, GivesEveryLocalDayTheSameShareAcrossTheChangeOfClocks) {
  const Zone zone = zone_named("America/New_York");
  const Period campaign = period("2021-01-20", "2021-07-05", zone);
  const std::int64_t first = days_since_epoch({2021, 1, 20});
  for (std::int64_t day = 0; day <= 166; ++day) {
    const Timestamp end_of_day = zone.start_of_day(civil_from_days(first + day));
    EXPECT_EQ(expected_at(kLinear, 0, 70, campaign, zone, end_of_day), ratio(70 * day, 166)) << "day " << day;
  }
}

TEST(LinearTrajectory, CountsHoursOfTheWallClockOnTheDayThatLosesOne) {
  const Zone zone = zone_named("America/New_York");
  const Period day = period("2021-03-14", "2021-03-15", zone);
  ASSERT_EQ(day.end - day.start, hours(23));
  // 03:00 local is two hours after midnight, and three of twenty-four hours of civil time.
  EXPECT_EQ(expected_at(kLinear, 0, 24, day, zone, day.start + hours(1)), 1);
  EXPECT_EQ(expected_at(kLinear, 0, 24, day, zone, day.start + hours(2)), 3);
}

TEST(LinearTrajectory, RepeatsTheHourThatTheWallClockRepeats) {
  const Zone zone = zone_named("America/New_York");
  const Period day = period("2021-11-07", "2021-11-08", zone);
  ASSERT_EQ(day.end - day.start, hours(25));
  EXPECT_EQ(expected_at(kLinear, 0, 24, day, zone, day.start + hours(1)), 1);
  EXPECT_EQ(expected_at(kLinear, 0, 24, day, zone, day.start + hours(2)), 1);
  EXPECT_EQ(expected_at(kLinear, 0, 24, day, zone, day.start + hours(3)), 2);
}

TEST(LinearTrajectory, IsHeldAtBaselineBeforeAndAtTargetAfterItsPeriod) {
  const Zone utc;
  const Period year = period("2021-01-01", "2022-01-01", utc);
  EXPECT_EQ(expected_at(kLinear, 10, 20, year, utc, instant("2020-06-01", utc)), 10);
  EXPECT_EQ(expected_at(kLinear, 10, 20, year, utc, year.start), 10);
  EXPECT_EQ(expected_at(kLinear, 10, 20, year, utc, year.end), 20);
  EXPECT_EQ(expected_at(kLinear, 10, 20, year, utc, instant("2023-06-01", utc)), 20);
}

TEST(LinearTrajectory, FallsWhenTheTargetIsBelowTheBaseline) {
  const Zone utc;
  const Period week = period("2021-01-01", "2021-01-08", utc);
  EXPECT_EQ(expected_at(kLinear, 10, 3, week, utc, instant("2021-01-04", utc)), 7);
}

TEST(ConstantTrajectory, ExpectsTheTargetThroughout) {
  const Zone utc;
  const Period year = period("2021-01-01", "2022-01-01", utc);
  for (const char* day : {"2020-01-01", "2021-01-01", "2021-07-01", "2025-01-01"})
    EXPECT_EQ(expected_at({}, 10, 80, year, utc, instant(day, utc)), 80) << day;
}

struct PointCase {
  const char* at;
  Rational stepped;
  Rational table;
};

TEST(PointTrajectories, StepAtTheirPointsOrRunStraightBetweenThem) {
  const Zone utc;
  const Period year = period("2021-01-01", "2021-01-31", utc);  // 30 days
  const std::vector<TrajectoryPoint> points{{instant("2021-01-11", utc), 20},
                                            {instant("2021-01-21", utc), 80}};
  const PointCase cases[] = {
      {"2020-12-01", 10, 10},  {"2021-01-01", 10, 10},  // from the baseline at the start
      {"2021-01-06", 10, 15},  {"2021-01-10 23:59", 10, ratio(28799, 1440)},
      {"2021-01-11", 20, 20},  // a point counts from its own instant on
      {"2021-01-16", 20, 50},  {"2021-01-21", 80, 80},
      {"2021-01-26", 80, 90},  // on to the target at the end
      {"2021-01-31", 80, 100}, {"2021-03-01", 80, 100},
  };
  for (const PointCase& c : cases) {
    const Timestamp at = instant(c.at, utc);
    EXPECT_EQ(expected_at({TrajectoryKind::stepped, points}, 10, 100, year, utc, at), c.stepped) << c.at;
    EXPECT_EQ(expected_at({TrajectoryKind::table, points}, 10, 100, year, utc, at), c.table) << c.at;
  }
}

TEST(TableTrajectory, WithPointsAtBothEndsNeedsNeitherBaselineNorTarget) {
  const Zone utc;
  const Period year = period("2021-01-01", "2021-01-11", utc);
  const Trajectory table{TrajectoryKind::table, {{year.start, 5}, {year.end, 15}}};
  EXPECT_EQ(expected_at(table, 0, 100, year, utc, year.start), 5);
  EXPECT_EQ(expected_at(table, 0, 100, year, utc, instant("2021-01-06", utc)), 10);
  EXPECT_EQ(expected_at(table, 0, 100, year, utc, year.end), 15);
}

TEST(TableTrajectory, WithoutPointsIsAStraightLine) {
  const Zone utc;
  const Period year = period("2021-01-01", "2021-01-11", utc);
  EXPECT_EQ(expected_at({TrajectoryKind::table, {}}, 0, 100, year, utc, instant("2021-01-04", utc)), 30);
}

TEST(ElapsedFraction, OfAnEmptyPeriodIsOneFromItsInstantOn) {
  const Zone utc;
  const Timestamp at = instant("2021-01-01", utc);
  EXPECT_EQ(elapsed_fraction({at, at}, utc, at - seconds(1)), 0);
  EXPECT_EQ(elapsed_fraction({at, at}, utc, at), 1);
}

TEST(ElapsedFraction, OfAPeriodWithoutABeginningIsOne) {
  const Zone zone = zone_named("Europe/Amsterdam");
  const Period ever{Timestamp::min(), instant("2021-01-01", zone)};
  EXPECT_EQ(elapsed_fraction(ever, zone, instant("2020-06-01", zone)), 1);
  EXPECT_EQ(expected_at(kLinear, 0, 70, ever, zone, instant("2020-06-01", zone)), 70);
}

TEST(CivilDays, CountADayOfAClockChangeAsOne) {
  const Zone zone = zone_named("Europe/Amsterdam");
  EXPECT_EQ(civil_days(instant("2021-03-27", zone), instant("2021-03-30", zone), zone), 3);
  EXPECT_EQ(civil_days(instant("2021-10-30 12:00", zone), instant("2021-11-01", zone), zone), ratio(3, 2));
}

}  // namespace
}  // namespace slipstream
