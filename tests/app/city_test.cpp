// The made-up city: events and definitions. What a year of the large one holds: city_year_test.cpp.
#include "engine/app/demo/city.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/app/demo/indicators.h"
#include "tests/app/city_events.h"

namespace slipstream {
namespace {

TEST(CityTest, EveryEventIsValidInOrderOfTimeAndHasAnIdOfItsOwn) { expect_valid_events(CitySize::small); }

TEST(CityTest, TheSameSeedGivesTheSameEventsAndAnotherGivesOthers) {
  City one(3, CitySize::small), same(3, CitySize::small), other(4, CitySize::small);
  const auto text = [](City& city) {
    std::string all;
    for (const CityEvent& event : all_of(city))
      all += event.json;
    return all;
  };
  const std::string expected = text(one);
  EXPECT_EQ(text(same), expected);
  EXPECT_NE(text(other), expected);
}

TEST(CityTest, ItsDefinitionsJudgeEveryIndicatorByTheKindsOfTrajectory) {
  const City city(kCitySeed, CitySize::city);
  const auto plan = plan_of(city);
  ASSERT_NE(plan, nullptr);
  std::set<std::string> judged;
  std::set<CityIndicator::Shape> shapes;
  for (const TargetPlan& target : plan->targets)
    judged.insert(plan->kpis[target.kpi].name);
  for (const CityIndicator& indicator : city_indicators()) {
    EXPECT_TRUE(judged.contains(std::string(indicator.name))) << indicator.name;
    shapes.insert(indicator.shape);
  }
  EXPECT_EQ(shapes.size(), 4u);
  for (const KpiPlan& kpi : plan->kpis) {
    EXPECT_FALSE(kpi.title.en.empty()) << kpi.name;
    EXPECT_FALSE(kpi.title.vi.empty()) << kpi.name;
  }
}

// Reference values of SplitMix64 with the seed 1234567, as published with the algorithm.
TEST(RandomTest, IsTheSameOnEveryMachine) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

}  // namespace
}  // namespace slipstream
