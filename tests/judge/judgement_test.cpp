#include "engine/judge/judgement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

const Period kTenDays = period("2021-01-01", "2021-01-11", kUtc);
const Timestamp kHalfway = kTenDays.start + days(5);

struct StatusCase {
  const char* name;
  Better better;
  Rational low, high;
  Rational value;
  Rational gap;
  Status status;
};

TEST(Status, FollowsTheGapInEveryDirection) {
  const Rational hair = ratio(1, 1'000'000'000'000);
  const StatusCase cases[] = {
      {"higher, exactly on it", Better::higher, 80, 80, 80, 0, Status::green},
      {"higher, a hair below", Better::higher, 80, 80, 80 - hair, -hair, Status::amber},
      {"higher, exactly at the amber edge", Better::higher, 80, 80, 75, -5, Status::amber},
      {"higher, a hair beyond the amber edge", Better::higher, 80, 80, 75 - hair, -5 - hair, Status::red},
      {"higher, above", Better::higher, 80, 80, 90, 10, Status::green},
      {"lower, exactly on it", Better::lower, 10, 10, 10, 0, Status::green},
      {"lower, below", Better::lower, 10, 10, 7, 3, Status::green},
      {"lower, exactly at the amber edge", Better::lower, 10, 10, 15, -5, Status::amber},
      {"lower, beyond it", Better::lower, 10, 10, 16, -6, Status::red},
      {"range, on the lower bound", Better::range, 20, 30, 20, 0, Status::green},
      {"range, on the upper bound", Better::range, 20, 30, 30, 0, Status::green},
      {"range, nearer to the upper bound", Better::range, 20, 30, 28, 2, Status::green},
      {"range, in the middle", Better::range, 20, 30, 25, 5, Status::green},
      {"range, below within amber", Better::range, 20, 30, 15, -5, Status::amber},
      {"range, above beyond amber", Better::range, 20, 30, 36, -6, Status::red},
  };
  for (const StatusCase& c : cases) {
    ResolvedTarget target = target_of(kTenDays, 0, c.low, TrajectoryKind::constant);
    target.target_high = c.high;
    const Judgement judgement = judge(kpi_with(c.better), &target, kUtc, c.value, kHalfway);
    EXPECT_EQ(judgement.gap, c.gap) << c.name;
    EXPECT_EQ(name_of(judgement.status), name_of(c.status)) << c.name;
  }
}

TEST(Status, IsGreyWithoutFigureOrTarget) {
  const ResolvedTarget target = target_of(kTenDays, 0, 80);
  const Judgement no_value = judge(kpi_with(Better::higher), &target, kUtc, std::nullopt, kHalfway);
  EXPECT_EQ(no_value.status, Status::grey);
  EXPECT_EQ(no_value.expected, 40);
  EXPECT_FALSE(no_value.gap || no_value.forecast || no_value.attainment || no_value.required_rate);
  const Judgement no_target = judge(kpi_with(Better::higher), nullptr, kUtc, Rational(3), kHalfway);
  EXPECT_EQ(no_target.status, Status::grey);
  EXPECT_EQ(no_target.value, 3);
  EXPECT_FALSE(no_target.expected || no_target.gap);
}

TEST(Status, MeasuresARelativeToleranceInSharesOfTheWayToGo) {
  ResolvedTarget target = target_of(kTenDays, 20, 60, TrajectoryKind::constant);
  target.tolerance = {ratio(1, 20), ratio(1, 4), ToleranceUnit::relative};  // 2 and 10 of 40
  const auto status_at = [&](const Rational& value) {
    return judge(kpi_with(Better::higher), &target, kUtc, value, kHalfway).status;
  };
  EXPECT_EQ(status_at(58), Status::green);
  EXPECT_EQ(status_at(ratio(5799, 100)), Status::amber);
  EXPECT_EQ(status_at(50), Status::amber);
  EXPECT_EQ(status_at(ratio(4999, 100)), Status::red);
  std::swap(target.baseline, target.target);  // downwards, the way is as long
  EXPECT_EQ(judge(kpi_with(Better::lower), &target, kUtc, Rational(22), kHalfway).status, Status::green);
  target.baseline = target.target;  // nowhere to go: no tolerance
  EXPECT_EQ(judge(kpi_with(Better::lower), &target, kUtc, ratio(2001, 100), kHalfway).status, Status::red);
}

TEST(Judgement, GivesTheExactGapOfTheVaccinationTarget) {
  const Zone zone = zone_named("America/New_York");
  const ResolvedTarget target = target_of(period("2021-01-20", "2021-07-05", zone), 0, 70);
  const Judgement judgement = judge(kpi_with(Better::higher), &target, zone, Rational(50),
                                    instant("2021-05-20", zone));  // day 120 has ended
  EXPECT_EQ(judgement.expected, ratio(70 * 120, 166));
  EXPECT_EQ(judgement.gap, 50 - ratio(70 * 120, 166));
  EXPECT_EQ(judgement.status, Status::amber);
  EXPECT_EQ(judgement.attainment, ratio(5, 7));
  EXPECT_EQ(judgement.forecast, 50 * ratio(166, 120));
  EXPECT_EQ(judgement.required_rate, ratio(20, 46));
}

TEST(Attainment, IsAbsentWhenThereIsNoWayToGo) {
  const ResolvedTarget target = target_of(kTenDays, 80, 80);
  EXPECT_FALSE(judge(kpi_with(Better::higher), &target, kUtc, Rational(85), kHalfway).attainment);
}

TEST(Attainment, CountsFromTheBaselineWhateverTheDirection) {
  const ResolvedTarget up = target_of(kTenDays, 20, 60), down = target_of(kTenDays, 60, 20);
  EXPECT_EQ(judge(kpi_with(Better::higher), &up, kUtc, Rational(30), kHalfway).attainment, ratio(1, 4));
  EXPECT_EQ(judge(kpi_with(Better::lower), &down, kUtc, Rational(50), kHalfway).attainment, ratio(1, 4));
  EXPECT_EQ(judge(kpi_with(Better::higher), &up, kUtc, Rational(10), kHalfway).attainment, ratio(-1, 4));
}

TEST(Forecast, ContinuesTheGrowthSoFarToTheEnd) {
  const ResolvedTarget target = target_of(kTenDays, 10, 100);
  const auto forecast_at = [&](Timestamp at) {
    return judge(kpi_with(Better::higher), &target, kUtc, Rational(30), at).forecast;
  };
  EXPECT_EQ(forecast_at(kTenDays.start), std::nullopt);  // nothing has passed, nothing can be said
  EXPECT_EQ(forecast_at(kTenDays.start + days(1)), 210);
  EXPECT_EQ(forecast_at(kHalfway), 50);
  EXPECT_EQ(forecast_at(kTenDays.end), 30);
  EXPECT_EQ(forecast_at(kTenDays.end + days(3)), 30);
}

TEST(Forecast, OfALevelIsTheLevel) {
  const ResolvedTarget target = target_of(kTenDays, 0, 80, TrajectoryKind::constant);
  EXPECT_EQ(judge(kpi_with(Better::higher), &target, kUtc, Rational(64), kHalfway).forecast, 64);
}

TEST(RequiredRate, IsTheChangeADayThatEndsOnTheTarget) {
  const ResolvedTarget target = target_of(kTenDays, 0, 100);
  const auto rate = [&](Rational value, Timestamp at) {
    return judge(kpi_with(Better::higher), &target, kUtc, value, at).required_rate;
  };
  EXPECT_EQ(rate(30, kHalfway), 14);
  EXPECT_EQ(rate(110, kHalfway), -2);
  EXPECT_EQ(rate(0, kTenDays.start - days(7)), 10);  // the period's days only
  EXPECT_EQ(rate(30, kTenDays.end), std::nullopt);
}

TEST(RequiredRate, OfARangeIsZeroWithinAndLeadsToTheNearerBoundOutside) {
  ResolvedTarget target = target_of(kTenDays, 0, 20, TrajectoryKind::constant);
  target.target_high = 30;
  const auto rate = [&](Rational value) {
    return judge(kpi_with(Better::range), &target, kUtc, value, kHalfway).required_rate;
  };
  EXPECT_EQ(rate(25), 0);
  EXPECT_EQ(rate(15), 1);
  EXPECT_EQ(rate(40), -2);
}

TEST(RangeJudgement, NamesTheBoundThatTheValueHasToMind) {
  ResolvedTarget target = target_of(kTenDays, 0, 20, TrajectoryKind::constant);
  target.target_high = 30;
  EXPECT_EQ(judge(kpi_with(Better::range), &target, kUtc, Rational(12), kHalfway).expected, 20);
  EXPECT_EQ(judge(kpi_with(Better::range), &target, kUtc, Rational(29), kHalfway).expected, 30);
  EXPECT_EQ(judge(kpi_with(Better::range), &target, kUtc, Rational(33), kHalfway).target, 30);
  EXPECT_FALSE(judge(kpi_with(Better::range), &target, kUtc, Rational(33), kHalfway).attainment);
}

// Turning the axis round changes nothing but the direction.
RC_GTEST_PROP(Judgement, TreatsLowerAsTheMirrorImageOfHigher,
              (int value, int baseline, int goal, std::uint8_t day)) {
  const ResolvedTarget up = target_of(kTenDays, baseline, goal);
  const ResolvedTarget down = target_of(kTenDays, -Rational(baseline), -Rational(goal));
  const Timestamp at = kTenDays.start + days(day % 12);
  const Judgement higher = judge(kpi_with(Better::higher), &up, kUtc, Rational(value), at);
  const Judgement lower = judge(kpi_with(Better::lower), &down, kUtc, -Rational(value), at);
  RC_ASSERT(higher.gap == lower.gap);
  RC_ASSERT(higher.status == lower.status);
  RC_ASSERT(higher.attainment == lower.attainment);
}

}  // namespace
}  // namespace slipstream
