// Intervals: reading, writing, arithmetic. What expressions do with them is in golden/calendar.txt.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

TEST(Interval, ReadsPostgresqlsUnits) {
  const std::pair<const char*, Interval> kRows[] = {
      {"3 days", {0, 3, 0}},
      {"1 month", {1, 0, 0}},
      {"01:30:00", {0, 0, 90 * 60'000'000LL}},
      {"1:30", {0, 0, 90 * 60'000'000LL}},
      {"1 year 2 mons -3 days", {14, -3, 0}},
      {"1 mon 3 days 04:05:06.789", {1, 3, 14'706'789'000}},
      {"-1 days +02:00:00", {0, -1, 2 * kHourUs}},
      {"1.5 hours", {0, 0, 90 * 60'000'000LL}},
      {"1.5 years", {18, 0, 0}},
      {"0.5 weeks", {0, 3, 12 * kHourUs}},
      {"  2 D 3H ", {0, 2, 3 * kHourUs}},
      {"1 day ago", {0, -1, 0}},
      {"250 ms", {0, 0, 250'000}},
      {"3us", {0, 0, 3}},
  };
  for (const auto& [text, interval] : kRows)
    EXPECT_TRUE(parse_interval(text).value() == interval) << text;
}

TEST(Interval, RefusesWhatIsNoInterval) {
  for (const char* text :
       {"", " ", "3", "days", "3 parsecs", "ago", "1 day ago ago", "1 day ago 2 days", "1:60", "1:30:60",
        "1:2:3:4", "--1 day", "1 day,", "999999999999 years", "1e3 days", "01:30:005", "1:"})
    EXPECT_EQ(parse_interval(text).error().code, ErrorCode::syntax) << text;
}

TEST(Interval, PrintsAsPostgresqlDoes) {
  const std::pair<Interval, const char*> kRows[] = {
      {{0, 0, 0}, "00:00:00"},
      {{1, 3, 14'706'000'000}, "1 mon 3 days 04:05:06"},
      {{14, 0, 0}, "1 year 2 mons"},
      {{-1, 0, 0}, "-1 mons"},
      {{0, -1, 2 * kHourUs}, "-1 days +02:00:00"},
      {{0, 1, -2 * kHourUs}, "1 day -02:00:00"},
      {{0, 0, 1}, "00:00:00.000001"},
      {{0, 0, 49 * kHourUs}, "2 days 01:00:00"},
      {{0, 0, -49 * kHourUs}, "-2 days -01:00:00"},
      {{INT32_MIN, INT32_MIN, INT64_MIN}, "-178956970 years -8 mons -2254235639 days -04:00:54.775808"},
  };
  for (const auto& [interval, text] : kRows)
    EXPECT_EQ(format_interval(interval), text);
}

RC_GTEST_PROP(Interval, ReadsWhatItPrints, ()) {
  const Interval interval{*rc::gen::inRange(-5000, 5000), *rc::gen::inRange(-100'000, 100'000),
                          *rc::gen::inRange<std::int64_t>(-1'000'000'000'000'000, 1'000'000'000'000'000)};
  const auto read = parse_interval(format_interval(interval));
  RC_ASSERT(read.has_value());
  RC_ASSERT(comparable_us(*read) == comparable_us(interval));
  RC_ASSERT(read->months == interval.months);
}

RC_GTEST_PROP(Interval, AnyTextIsReadOrRefused, (const std::string& noise)) {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.:+- daymonhrsgo")));
  RC_ASSERT(parse_interval(text).has_value() || parse_interval(text).error().code == ErrorCode::syntax);
  RC_ASSERT(parse_interval(noise).has_value() || parse_interval(noise).error().code == ErrorCode::syntax);
}

TEST(Interval, ComparesMonthsAsThirtyDaysAndDaysAsTwentyFourHours) {
  EXPECT_EQ(comparable_us({1, 0, 0}), comparable_us({0, 30, 0}));
  EXPECT_EQ(comparable_us({0, 1, 0}), comparable_us({0, 0, 24 * kHourUs}));
  EXPECT_LT(comparable_us({INT32_MIN, INT32_MIN, INT64_MIN}), comparable_us({0, 0, INT64_MIN}));
}

TEST(Interval, OverflowIsNoInterval) {
  EXPECT_FALSE(add_intervals({INT32_MAX, 0, 0}, {1, 0, 0}, 1).has_value());
  EXPECT_FALSE(add_intervals({0, INT32_MIN, 0}, {0, 1, 0}, -1).has_value());
  EXPECT_FALSE(add_intervals({0, 0, INT64_MAX}, {0, 0, 1}, 1).has_value());
  EXPECT_FALSE(multiply_interval({0, INT32_MAX, 0}, Rational(2)).has_value());
  EXPECT_TRUE(multiply_interval({0, 0, INT64_MIN}, Rational(1)).has_value());
}

TEST(Interval, AProductIsRoundedHalfEvenToTheMicrosecond) {
  EXPECT_EQ(multiply_interval({0, 0, 5}, Rational(1, 2))->us, 2);
  EXPECT_EQ(multiply_interval({0, 0, 7}, Rational(1, 2))->us, 4);
  EXPECT_TRUE(multiply_interval({1, 0, 0}, Rational(1, 4)).value() == (Interval{0, 7, 12 * kHourUs}));
}

TEST(Interval, AddingBeyondTheRepresentableYearsSaturates) {
  const Zone utc;
  const Timestamp t = instant("2011-06-01T00:00:00Z");
  for (const Interval interval : {Interval{INT32_MAX, 0, 0}, Interval{0, INT32_MAX, 0},
                                  Interval{0, 0, INT64_MAX}, Interval{12 * 9000, 0, 0}}) {
    EXPECT_EQ(add_interval(t, interval, 1, utc), Timestamp::max());
    EXPECT_EQ(add_interval(t, interval, -1, utc), Timestamp::min());
  }
  EXPECT_EQ(add_interval(t, {INT32_MIN, 0, 0}, -1, utc), Timestamp::max());
  EXPECT_EQ(add_interval(t, {0, 0, INT64_MIN}, -1, utc), Timestamp::max());
  EXPECT_EQ(add_interval(Timestamp::max(), {0, 0, -1}, 1, utc), Timestamp::max());
}

}  // namespace
}  // namespace slipstream::testing
