#include "engine/base/yearly_rule.h"

#include <gtest/gtest.h>

#include "engine/base/time.h"

namespace slipstream {
namespace {

TEST(YearlyRule, PlacesTheChangesOfBothHemispheres) {
  const auto north = parse_yearly_rule("CET-1CEST,M3.5.0,M10.5.0/3").value();
  EXPECT_EQ(north.changes_of(2040)[0].utc_us, parse_timestamp("2040-03-25T01:00:00Z")->us);
  EXPECT_EQ(north.changes_of(2040)[0].offset_us, hours(2).us);
  EXPECT_EQ(north.changes_of(2040)[1].utc_us, parse_timestamp("2040-10-28T01:00:00Z")->us);
  EXPECT_EQ(north.changes_of(2040)[1].offset_us, hours(1).us);
  const auto south = parse_yearly_rule("AEST-10AEDT,M10.1.0,M4.1.0/3").value();
  EXPECT_EQ(south.changes_of(2040)[0].utc_us, parse_timestamp("2040-03-31T16:00:00Z")->us);
  EXPECT_EQ(south.changes_of(2040)[1].utc_us, parse_timestamp("2040-10-06T16:00:00Z")->us);
}

TEST(YearlyRule, ReadsQuotedNamesOddOffsetsAndTimesOutsideTheDay) {
  const auto lord_howe = parse_yearly_rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").value();
  EXPECT_EQ(lord_howe.standard_us, hours(10).us + minutes(30).us);
  EXPECT_EQ(lord_howe.summer_us, hours(11).us);
  const auto greenland = parse_yearly_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0").value();
  EXPECT_EQ(greenland.standard_us, -hours(2).us);
  EXPECT_EQ(greenland.summer_us, -hours(1).us);
  EXPECT_EQ(greenland.changes_of(2024)[0].utc_us, parse_timestamp("2024-03-31T01:00:00Z")->us);
}

TEST(YearlyRule, ATextWithoutYearlyChangesHasNone) {
  for (const auto* text : {"", "<+07>-7", "UTC0", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,J60,J300",
                           "TZif2", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "<+07", "A1"})
    EXPECT_FALSE(parse_yearly_rule(text).has_value()) << text;
}

}  // namespace
}  // namespace slipstream
