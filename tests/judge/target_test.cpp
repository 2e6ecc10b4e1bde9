#include "engine/judge/target.h"

#include <algorithm>

#include "tests/judge/samples.h"

namespace slipstream {
namespace {

const Period kPeriod = period("2021-01-01", "2021-04-11", kUtc);  // 100 days

TargetPlan plan_of(TrajectoryKind kind, Rational baseline, Rational target) {
  TargetPlan plan;
  plan.baseline = std::move(baseline);
  plan.target = std::move(target);
  plan.trajectory.kind = kind;
  plan.tolerance = {0, 5, ToleranceUnit::absolute};
  return plan;
}

Timestamp day(std::int64_t number) { return kPeriod.start + days(number); }

TargetRevision revision(std::int64_t day_number, Rational target, TargetMode mode, std::string id = "r1") {
  TargetRevision result;
  result.period = kPeriod;
  result.target = std::move(target);
  result.mode = mode;
  result.effective_at = result.recorded_at = day(day_number);
  result.event_id = std::move(id);
  return result;
}

TEST(Target, WithoutRevisionsIsTheDefinitionsOwn) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  const auto target = resolve(plan, {}, kPeriod, kUtc, day(10));
  ASSERT_TRUE(target);
  EXPECT_EQ(target->target, 100);
  EXPECT_EQ(target->revision, "");
  EXPECT_FALSE(target->revised_at);
  EXPECT_EQ(expected_at(*target, kUtc, day(40)), 40);
}

TEST(Target, FromEventsIsAbsentUntilTheFirstOneIsInForce) {
  TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 999);
  plan.from_events = true;
  const TargetRevision set = revision(20, 60, TargetMode::from_date, "set");
  EXPECT_FALSE(resolve(plan, {}, kPeriod, kUtc, day(50)));
  EXPECT_FALSE(resolve(plan, std::span(&set, 1), kPeriod, kUtc, day(20) - microseconds(1)));
  const auto target = resolve(plan, std::span(&set, 1), kPeriod, kUtc, day(20));
  ASSERT_TRUE(target);
  EXPECT_EQ(target->revision, "set");
  EXPECT_EQ(target->revised_at, day(20));
  // The first event sets the whole period, its mode is for revisions.
  EXPECT_EQ(expected_at(*target, kUtc, day(50)), 30);
}

TEST(Target, SetAfterItsPeriodEndedStillGivesIt) {
  TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 0);
  plan.from_events = true;
  const TargetRevision set = revision(150, 60, TargetMode::from_date);
  ASSERT_TRUE(resolve(plan, std::span(&set, 1), kPeriod, kUtc, day(160)));
}

TEST(Target, OfAPeriodJudgesTheWindowsInIt) {
  const Period year = period("2021-01-01", "2022-01-01", kUtc);
  EXPECT_TRUE(covers(year, year));
  EXPECT_TRUE(covers(year, kPeriod));
  EXPECT_FALSE(covers(kPeriod, year));
  EXPECT_FALSE(covers(year, period("2020-12-31", "2021-02-01", kUtc)));
  EXPECT_FALSE(covers(year, period("2021-12-01", "2022-01-02", kUtc)));
  // Without a beginning: by the end.
  EXPECT_TRUE(covers(year, {Timestamp::min(), year.end}));
  EXPECT_FALSE(covers(year, {Timestamp::min(), year.start}));
  EXPECT_FALSE(covers(year, {Timestamp::min(), year.end + microseconds(1)}));
}

TEST(Target, RunsOverThePeriodOfItsEvents) {
  TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 0);
  plan.from_events = true;
  const TargetRevision set = revision(0, 100, TargetMode::from_start);
  const auto target = resolve(plan, std::span(&set, 1), {kPeriod.start, day(20)}, kUtc, day(20));
  ASSERT_TRUE(target);
  EXPECT_EQ(target->period, kPeriod);
  EXPECT_EQ(expected_at(*target, kUtc, day(20)), 20);
}

TEST(Target, OfTheNarrowestPeriodInForceCounts) {
  TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 0);
  plan.from_events = true;
  std::vector<TargetRevision> revisions{revision(0, 100, TargetMode::from_start, "whole"),
                                        revision(30, 60, TargetMode::from_start, "half"),
                                        revision(40, 110, TargetMode::pro_rata, "whole again"),
                                        revision(0, 7, TargetMode::from_start, "elsewhere")};
  revisions[1].period = {kPeriod.start, day(50)};
  revisions[3].period = {day(50), day(60)};
  const Period window{day(20), day(40)};
  EXPECT_EQ(resolve(plan, revisions, window, kUtc, day(29))->revision, "whole");
  EXPECT_EQ(resolve(plan, revisions, window, kUtc, day(30))->revision, "half");
  EXPECT_EQ(resolve(plan, revisions, window, kUtc, day(40))->target, 60);
  // A window beyond the narrow one has the wide one, whose revisions weigh by its own length.
  const auto wide = resolve(plan, revisions, {day(45), day(55)}, kUtc, day(55));
  EXPECT_EQ(wide->revision, "whole again");
  EXPECT_EQ(wide->target, 106);  // 100 x 0.4 + 110 x 0.6
  EXPECT_FALSE(resolve(plan, revisions, {day(90), day(110)}, kUtc, day(95)));
}

TEST(Target, OfTwoPeriodsOfOneLengthIsTheLaterOnes) {
  TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 0);
  plan.from_events = true;
  std::vector<TargetRevision> revisions{revision(0, 1, TargetMode::from_start, "later"),
                                        revision(0, 2, TargetMode::from_start, "earlier")};
  revisions[0].period = {day(10), day(60)};
  revisions[1].period = {day(0), day(50)};
  EXPECT_EQ(resolve(plan, revisions, {day(20), day(30)}, kUtc, day(25))->revision, "later");
  std::swap(revisions[0], revisions[1]);
  EXPECT_EQ(resolve(plan, revisions, {day(20), day(30)}, kUtc, day(25))->revision, "later");
}

TEST(RevisionFromStart, CountsAsIfItHadAlwaysBeenSo) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  const TargetRevision raised = revision(50, 200, TargetMode::from_start);
  const auto before = resolve(plan, std::span(&raised, 1), kPeriod, kUtc, day(49));
  const auto after = resolve(plan, std::span(&raised, 1), kPeriod, kUtc, day(50));
  EXPECT_EQ(expected_at(*before, kUtc, day(49)), 49);
  EXPECT_EQ(expected_at(*after, kUtc, day(50)), 100);
  EXPECT_EQ(expected_at(*after, kUtc, day(25)), 50);
}

TEST(RevisionFromDate, BendsTheTrajectoryThereTowardsTheNewTarget) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  const TargetRevision raised = revision(40, 160, TargetMode::from_date);
  const auto target = resolve(plan, std::span(&raised, 1), kPeriod, kUtc, day(40));
  EXPECT_EQ(expected_at(*target, kUtc, day(0)), 0);
  EXPECT_EQ(expected_at(*target, kUtc, day(20)), 20);
  EXPECT_EQ(expected_at(*target, kUtc, day(40)), 40);
  EXPECT_EQ(expected_at(*target, kUtc, day(70)), 100);  // half of the way from 40 to 160
  EXPECT_EQ(expected_at(*target, kUtc, day(100)), 160);
  EXPECT_EQ(target->target, 160);
  EXPECT_EQ(target->baseline, 0);
}

TEST(RevisionFromDate, OfAConstantTargetStepsThere) {
  const TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 80);
  const TargetRevision raised = revision(40, 90, TargetMode::from_date);
  const auto target = resolve(plan, std::span(&raised, 1), kPeriod, kUtc, day(60));
  EXPECT_EQ(expected_at(*target, kUtc, day(40) - microseconds(1)), 80);
  EXPECT_EQ(expected_at(*target, kUtc, day(40)), 90);
}

TEST(RevisionFromDate, MayChangeTheKindOfTrajectory) {
  const TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 80);
  TargetRevision raised = revision(40, 110, TargetMode::from_date);
  raised.trajectory = Trajectory{TrajectoryKind::linear, {}};
  const auto target = resolve(plan, std::span(&raised, 1), kPeriod, kUtc, day(60));
  EXPECT_EQ(expected_at(*target, kUtc, day(20)), 80);
  EXPECT_EQ(expected_at(*target, kUtc, day(70)), 95);
}

TEST(RevisionFromDate, BendsAgainAtASecondRevision) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  const TargetRevision both[] = {revision(40, 160, TargetMode::from_date, "r1"),
                                 revision(70, 130, TargetMode::from_date, "r2")};
  const auto target = resolve(plan, both, kPeriod, kUtc, day(80));
  EXPECT_EQ(expected_at(*target, kUtc, day(20)), 20);
  EXPECT_EQ(expected_at(*target, kUtc, day(55)), 70);
  EXPECT_EQ(expected_at(*target, kUtc, day(70)), 100);
  EXPECT_EQ(expected_at(*target, kUtc, day(85)), 115);
  EXPECT_EQ(target->revision, "r2");
}

TEST(RevisionFromDate, BeforeThePeriodIsFromItsStartAndAfterItChangesNothing) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  const TargetRevision early = revision(-5, 200, TargetMode::from_date);
  EXPECT_EQ(expected_at(*resolve(plan, std::span(&early, 1), kPeriod, kUtc, day(50)), kUtc, day(50)), 100);
  const TargetRevision late = revision(100, 200, TargetMode::from_date);
  const auto target = resolve(plan, std::span(&late, 1), kPeriod, kUtc, day(120));
  EXPECT_EQ(target->target, 100);
  EXPECT_EQ(target->revision, "");
}

TEST(RevisionProRata, WeighsEachTargetByItsShareOfThePeriod) {
  const TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 100);
  const TargetRevision both[] = {revision(25, 200, TargetMode::pro_rata, "r1"),
                                 revision(75, 40, TargetMode::pro_rata, "r2")};
  const auto once = resolve(plan, both, kPeriod, kUtc, day(30));
  EXPECT_EQ(once->target, 175);  // 100 x 0.25 + 200 x 0.75
  const auto twice = resolve(plan, both, kPeriod, kUtc, day(80));
  EXPECT_EQ(twice->target, 135);  // 100 x 0.25 + 200 x 0.5 + 40 x 0.25
  EXPECT_EQ(expected_at(*twice, kUtc, day(5)), 135);
}

TEST(Revisions, GiveTheSameTargetInWhateverOrderTheyCame) {
  const TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  std::vector<TargetRevision> revisions{
      revision(20, 120, TargetMode::from_date, "a"), revision(40, 90, TargetMode::pro_rata, "b"),
      revision(40, 95, TargetMode::from_date, "c"), revision(60, 150, TargetMode::pro_rata, "d")};
  std::vector<Rational> reference;
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    std::vector<TargetRevision> shuffled;
    for (const std::size_t index : order)
      shuffled.push_back(revisions[index]);
    const auto target = resolve(plan, shuffled, kPeriod, kUtc, day(90));
    std::vector<Rational> course{target->target};
    for (std::int64_t d = 0; d <= 100; d += 10)
      course.push_back(expected_at(*target, kUtc, day(d)));
    if (reference.empty()) reference = course;
    EXPECT_EQ(course, reference);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Revision, LeavesAsItWasWhatItDoesNotGive) {
  TargetPlan plan = plan_of(TrajectoryKind::linear, 10, 100);
  plan.target_high = 120;
  TargetRevision changed = revision(0, 90, TargetMode::from_start);
  changed.tolerance_amber = 7;
  const auto target = resolve(plan, std::span(&changed, 1), kPeriod, kUtc, day(0));
  EXPECT_EQ(target->baseline, 10);
  EXPECT_EQ(target->target_high, 120);
  EXPECT_EQ(target->trajectory.kind, TrajectoryKind::linear);
  EXPECT_EQ(target->tolerance.green, 0);
  EXPECT_EQ(target->tolerance.amber, 7);
}

TEST(RangeTarget, KeepsItsWidthAlongTheTrajectory) {
  TargetPlan plan = plan_of(TrajectoryKind::linear, 0, 100);
  plan.target_high = 120;
  const auto target = resolve(plan, {}, kPeriod, kUtc, day(50));
  EXPECT_EQ(expected_at(*target, kUtc, day(50)), 50);
  EXPECT_EQ(expected_high_at(*target, kUtc, day(50)), 70);
}

TEST(RangeTarget, IsItsLowerBoundAloneWhereNoUpperOneIsAboveIt) {
  TargetPlan plan = plan_of(TrajectoryKind::constant, 0, 6);
  plan.target_high = 8;
  const TargetRevision within = revision(0, 7, TargetMode::from_start);
  EXPECT_EQ(resolve(plan, std::span(&within, 1), kPeriod, kUtc, day(1))->target_high, 8);
  TargetRevision above = revision(0, 90, TargetMode::from_start);
  EXPECT_EQ(resolve(plan, std::span(&above, 1), kPeriod, kUtc, day(1))->target_high, 90);
  above.target_high = 95;
  EXPECT_EQ(resolve(plan, std::span(&above, 1), kPeriod, kUtc, day(1))->target_high, 95);
}

TEST(NextChange, IsTheNextPointOrTheNextRevisionOfTheWindow) {
  TargetPlan plan = plan_of(TrajectoryKind::stepped, 0, 100);
  plan.trajectory.points = {{day(10), 50}, {day(60), 100}};
  std::vector<TargetRevision> revisions{revision(40, 90, TargetMode::from_start, "a"),
                                        revision(30, 80, TargetMode::from_start, "b"),
                                        revision(20, 70, TargetMode::from_start, "elsewhere")};
  revisions[2].period = {day(0), day(50)};
  EXPECT_EQ(next_change(plan, revisions, kPeriod, day(9)), day(10));
  EXPECT_EQ(next_change(plan, revisions, kPeriod, day(10)), day(30));
  EXPECT_EQ(next_change(plan, revisions, kPeriod, day(30)), day(40));
  EXPECT_EQ(next_change(plan, revisions, kPeriod, day(40)), day(60));
  EXPECT_EQ(next_change(plan, revisions, kPeriod, day(60)), std::nullopt);
}

}  // namespace
}  // namespace slipstream
