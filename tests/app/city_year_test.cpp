// A year of the made-up city holds what its story needs, and its story ends as it is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "engine/app/demo/indicators.h"
#include "engine/app/time_replay.h"
#include "tests/app/city_events.h"

namespace slipstream {
namespace {

TEST(CityYearTest, EveryEventIsValidInOrderOfTimeAndHasAnIdOfItsOwn) { expect_valid_events(CitySize::city); }

TEST(CityYearTest, IsAsLargeAsItIsSaidToBe) {
  City city(kCitySeed, CitySize::city);
  const CityOrganisation& organisation = city.organisation();
  EXPECT_EQ(std::count_if(organisation.units.begin(), organisation.units.end(),
                          [](const CityUnit& unit) { return unit.is_commune; }),
            40);
  EXPECT_EQ(organisation.units.size(), 60u);
  EXPECT_EQ(organisation.officers.size(), 1300u);
  EXPECT_EQ(city_indicators().size(), 60u);
  EXPECT_EQ(city.ends() - city.begins(), days(365));
  std::map<std::string, int> of_type;
  std::set<std::string> indicators, metrics;
  for (const CityEvent& event : all_of(city)) {
    const auto json = boost::json::parse(event.json).as_object();
    ++of_type[std::string(json.at("type").as_string())];
    const auto& data = json.at("data").as_object();
    if (data.contains("indicator")) indicators.emplace(data.at("indicator").as_string());
    if (data.contains("metric")) metrics.emplace(data.at("metric").as_string());
  }
  EXPECT_EQ(of_type["unit.created"], 62);
  EXPECT_EQ(of_type["person.appointed"], 1300);
  EXPECT_GT(of_type["task.assigned"], 60'000);
  EXPECT_LT(of_type["task.assigned"], 70'000);
  EXPECT_GT(of_type["task.completed"], of_type["task.assigned"] * 9 / 10);
  for (const char* type : {"task.progressed", "task.extended", "task.reassigned", "task.cancelled",
                           "task.returned", "task.accepted", "measurement.reported", "observation"})
    EXPECT_GT(of_type[type], 1000) << type;
  EXPECT_EQ(indicators.size(), 60u);
  EXPECT_EQ(metrics.size(), 3u);
}

// The events of some units alone: what is decided about a unit rests on nothing else.
class Story {
 public:
  explicit Story(const std::vector<std::string>& units)
      : city_(kCitySeed, CitySize::city), plan_(plan_of(city_)) {
    std::vector<TimedRecord> records;
    for (CityEvent& event : all_of(city_)) {
      const auto json = boost::json::parse(event.json).as_object();
      const auto& data = json.at("data").as_object();
      if (json.at("type") == "observation" || !is_of(units, data)) continue;
      const bool on_reference = json.at("type") == "unit.created" || json.at("type") == "person.appointed";
      records.push_back({event.effective_at,
                         {on_reference ? "reference" : "events",
                          Partition(0),
                          subject_of(data),
                          std::move(event.json),
                          {},
                          event.effective_at}});
    }
    DecodeOptions decode;
    decode.zone = city_.zone();
    auto replay = TimeReplay::open(*plan_, TopicNames(), decode);
    EXPECT_TRUE(replay);
    EXPECT_TRUE(replay->play(records, city_.ends(), [](Timestamp) {}));
    auto decisions = replay->decisions();
    EXPECT_TRUE(decisions);
    decisions_ = std::move(*decisions);
  }

  // The months in which the rule's alerts about the node went to the phase.
  std::set<int> months(const std::string& rule, const std::string& node, AlertPhase to) const {
    std::set<int> months;
    for (const AlertRecord& record : decisions_)
      if (record.state.subject.rule == rule && record.state.subject.node == node &&
          record.transition.to == to)
        months.insert(city_.zone().date_of(record.transition.at).month);
    return months;
  }

 private:
  bool is_of(const std::vector<std::string>& units, const boost::json::object& data) {
    const char* member = data.contains("unit") ? "unit" : "node";
    if (!data.contains(member)) return tasks_.contains(std::string(data.at("task").as_string()));
    const std::string unit(data.at(member).as_string());
    if (data.contains("parent") && !data.contains("task")) return true;
    if (std::find(units.begin(), units.end(), unit) == units.end()) return false;
    if (data.contains("task")) tasks_.emplace(data.at("task").as_string());
    return true;
  }
  static std::string subject_of(const boost::json::object& data) {
    for (const char* member : {"task", "person", "unit", "node"})
      if (data.contains(member)) return std::string(data.at(member).as_string());
    return {};
  }

  City city_;
  std::shared_ptr<const Plan> plan_;
  std::set<std::string> tasks_;
  std::vector<AlertRecord> decisions_;
};

TEST(CityYearTest, ItsStoriesEndAsTheyAreTold) {
  const std::string recovers = "Phường An Hải", stops = "Xã Bà Nà", never = "Sở Xây dựng";
  const Story story({recovers, stops, never});
  using Months = std::set<int>;
  // Tasks slip from April to June, and what lay is swept up in July.
  EXPECT_TRUE(story.months("backlog_growing", recovers, AlertPhase::firing).contains(4));
  EXPECT_EQ(*story.months("backlog_growing", recovers, AlertPhase::resolved).rbegin(), 7);
  // A department that slips from April on and never recovers.
  EXPECT_FALSE(story.months("backlog_growing", never, AlertPhase::firing).empty());
  EXPECT_TRUE(story.months("backlog_growing", never, AlertPhase::resolved).empty());
  // An indicator that falls behind and catches up, and one that comes to a stop for good.
  EXPECT_EQ(*story.months("clean_water_behind", recovers, AlertPhase::firing).begin(), 6);
  EXPECT_EQ(*story.months("clean_water_behind", recovers, AlertPhase::resolved).rbegin(), 8);
  EXPECT_LE(*story.months("clean_water_behind", recovers, AlertPhase::firing).rbegin(), 8);
  EXPECT_EQ(story.months("immunised_behind", stops, AlertPhase::firing), Months{6});
  EXPECT_TRUE(story.months("immunised_behind", stops, AlertPhase::resolved).empty());
}

}  // namespace
}  // namespace slipstream
