// The made-up city holds what its story needs.
#include "engine/app/demo/city.h"

#include <gtest/gtest.h>

#include <set>

#include "connectors/definition/load_file.h"
#include "engine/app/demo/random.h"

namespace slipstream {
namespace {

TEST(CityTest, EveryEventLiesWithinTheHalfYearAndHasAnIdOfItsOwn) {
  std::set<std::string> ids;
  std::size_t events = 0;
  std::vector<CityEvent> all;
  const City city =
      generate_city(7, CitySize::small, [&](CityEvent&& event) { all.push_back(std::move(event)); });
  for (const CityEvent& event : all) {
    ++events;
    EXPECT_GE(event.effective_at, city.begins);
    EXPECT_LT(event.effective_at, city.ends);
    ids.insert(event.json.substr(event.json.find("\"id\""), 18));
  }
  EXPECT_EQ(ids.size(), events);
  EXPECT_GT(events, 1000u);
}

TEST(CityTest, HasEveryKindOfEventTheDemoTellsOf) {
  std::string all;
  generate_city(7, CitySize::small, [&](CityEvent&& event) { all += event.json; });
  for (const char* type : {"unit.created", "person.appointed", "task.assigned", "task.progressed",
                           "task.extended", "task.reassigned", "task.cancelled", "task.completed",
                           "task.returned", "measurement.reported", "observation"})
    EXPECT_NE(all.find(std::string("\"type\":\"") + type + "\""), std::string::npos) << type;
}

TEST(CityTest, ItsDefinitionsLoadWithoutAnError) {
  const City city = generate_city(1, CitySize::small, [](CityEvent&&) {});
  Diagnostics diagnostics;
  EXPECT_NE(load_definition_text(city.definitions, "city.yaml", diagnostics), nullptr);
  for (const Diagnostic& diagnostic : diagnostics)
    ADD_FAILURE() << format_diagnostic(diagnostic);
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
