#include "connectors/definition/short_event.h"

#include <gtest/gtest.h>

namespace slipstream {
namespace {

const Timestamp kNoon = parse_timestamp("2026-03-01T12:00:00Z").value();

std::string written(std::string_view line) {
  const auto event = parse_short_event(line);
  EXPECT_TRUE(event) << event.error().message;
  const auto json = event ? cloud_event(*event, "e1", kNoon) : Result<std::string>("");
  EXPECT_TRUE(json) << json.error().message;
  return json.value_or("");
}

TEST(ShortEvent, BecomesACloudEvent) {
  EXPECT_EQ(written("task.completed T1"),
            R"({"specversion":"1.0","id":"e1","source":"test","type":"task.completed","subject":"T1",)"
            R"("time":"2026-03-01T12:00:00Z","data":{}})");
}

TEST(ShortEvent, SeparatesTheEnvelopeFromTheData) {
  EXPECT_EQ(written("task.assigned T1 at 2026-03-02 unit=A/B id=x source=s"),
            R"({"specversion":"1.0","id":"x","source":"s","type":"task.assigned","subject":"T1",)"
            R"("time":"2026-03-01T12:00:00Z","data":{"effective_at":"2026-03-02","unit":"A/B"}})");
}

TEST(ShortEvent, KeepsTextsWithBlanksAndValuesThatAreJson) {
  const std::string json =
      written(R"(unit.split A successors=["B", "C"] name="Old \"town\"" starred=true value=1.50)");
  EXPECT_NE(
      json.find(R"("data":{"successors":["B","C"],"name":"Old \"town\"","starred":true,"value":"1.50"})"),
      std::string::npos)
      << json;
}

TEST(ShortEvent, IsRefusedWithItsForm) {
  for (const char* line :
       {"", "task.completed", "task.completed unit=A", "task.completed T1 unit", "task.completed T1 =A"})
    EXPECT_EQ(parse_short_event(line).error().code, ErrorCode::syntax) << line;
  const auto event = parse_short_event("unit.split A successors=[\"B\"");
  ASSERT_TRUE(event);
  EXPECT_EQ(cloud_event(*event, "e1", kNoon).error().code, ErrorCode::syntax);
}

}  // namespace
}  // namespace slipstream
