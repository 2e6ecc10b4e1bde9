#include <gtest/gtest.h>

#include "engine/aggregate/window.h"
#include "tests/aggregate/window_arbitrary.h"

namespace slipstream {
namespace {

TEST(WindowName, SaysTheParameters) {
  EXPECT_EQ(WindowSpec::tumbling(minutes(15)).name(), "tumbling_15_minute");
  EXPECT_EQ(WindowSpec::hopping(hours(1), minutes(5)).name(), "hopping_1_hour_every_5_minute");
  EXPECT_EQ(WindowSpec::sliding(7, CalendarUnit::day).name(), "sliding_7_day");
  EXPECT_EQ(WindowSpec::sliding(4, minutes(15)).name(), "sliding_4_of_15_minute");
  EXPECT_EQ(WindowSpec::session(seconds(90)).name(), "session_90_second");
  EXPECT_EQ(WindowSpec::tumbling(milliseconds(1500)).name(), "tumbling_1500_millisecond");
  EXPECT_EQ(WindowSpec::tumbling(microseconds(1)).name(), "tumbling_1_microsecond");
}

TEST(WindowName, WordsNameTheSpecTheyFind) {
  for (const auto* word : {"day", "week", "month", "quarter", "year", "year_to_date", "year_to_date_by_day",
                           "year_to_date_by_quarter", "cumulative", "cumulative_by_week"})
    EXPECT_EQ(WindowSpec::find(word).value().name(), word);
  for (const auto* word :
       {"", "months", "year_to_dat", "year_to_date_by_", "year_to_date_by_month", "cumulative_week"})
    EXPECT_EQ(WindowSpec::find(word).error().code, ErrorCode::unknown_name) << word;
}

TEST(WindowName, ASpecIsFoundByItsName) {
  const auto plan =
      WindowPlan::make({WindowSpec::calendar(CalendarUnit::month), WindowSpec::year_to_date()}, Zone());
  EXPECT_EQ(plan->find_spec("year_to_date"), 1U);
  EXPECT_EQ(plan->find_spec("day"), std::nullopt);
}

TEST(WindowLabel, WithoutASpecTheFirstThatHasTheLabelAnswers) {
  const WindowPlan plan =
      WindowPlan::make(
          {WindowSpec::calendar(CalendarUnit::month), WindowSpec::calendar(CalendarUnit::quarter),
           WindowSpec::year_to_date(), WindowSpec::sliding(3, CalendarUnit::month), WindowSpec::cumulative()},
          zone("Europe/Amsterdam"))
          .value();
  const auto spec_of = [&](std::string_view text) { return plan.parse_label(text)->spec; };
  EXPECT_EQ(spec_of("2011-06"), 0U);
  EXPECT_EQ(spec_of("2011-Q2"), 1U);
  EXPECT_EQ(spec_of("2011-01..2011-06"), 2U);
  EXPECT_EQ(spec_of("2011-04..2011-06"), 3U);
  EXPECT_EQ(spec_of("..2011-06"), 4U);
  EXPECT_EQ(plan.parse_label("2011-06")->start, at("2011-05-31T22:00:00Z"));
  EXPECT_EQ(plan.parse_label("2011-06")->end, at("2011-06-30T22:00:00Z"));
  EXPECT_EQ(plan.parse_label("2011-06", 1).error().code, ErrorCode::invalid_value);
}

// From the 6th to the 6th: a month's step, or a day's.
TEST(WindowLabel, OneOfTwoWindowsIsRefusedWithoutASpec) {
  const WindowPlan plan =
      WindowPlan::make({WindowSpec::year_to_date(), WindowSpec::year_to_date(CalendarUnit::day)},
                       zone("Europe/Amsterdam"), CivilDate{2024, 4, 6})
          .value();
  const std::string label = "2024-04-06..2024-10-06";
  ASSERT_TRUE(plan.parse_label(label, 0) && plan.parse_label(label, 1));
  EXPECT_EQ(plan.parse_label(label).error().code, ErrorCode::invalid_value);
}

TEST(WindowLabel, WhatNamesNoWindowIsRefused) {
  const WindowPlan plan =
      WindowPlan::make({WindowSpec::year_to_date(), WindowSpec::cumulative(),
                        WindowSpec::sliding(3, CalendarUnit::month), WindowSpec::session(minutes(5))},
                       Zone())
          .value();
  for (const auto* text :
       {"", "..", "2011", "2011-02..2011-06", "2011-01..", "2010-01..2011-06", "2011-06..2011-04",
        "2011-13..2011-13", "2011-01..2011-02..2011-03", "2011-01-01T00:00:00Z..x"})
    EXPECT_EQ(plan.parse_label(text).error().code, ErrorCode::invalid_value) << text;
}

TEST(WindowLabel, ASessionIsCalledByItsEnds) {
  const WindowPlan plan = WindowPlan::make({WindowSpec::session(minutes(5))}, Zone()).value();
  const Window session{0, at("2021-03-14T10:15:00Z"), at("2021-03-14T11:00:00Z")};
  EXPECT_EQ(plan.label(session), "2021-03-14T10:15:00Z..2021-03-14T11:00:00Z");
  EXPECT_EQ(plan.parse_label(plan.label(session)).value(), session);
  EXPECT_EQ(plan.parse_label("2021-03-14T11:00:00Z..2021-03-14T10:15:00Z").error().code,
            ErrorCode::invalid_value);
}

}  // namespace
}  // namespace slipstream
