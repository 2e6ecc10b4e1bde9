#include "engine/base/time.h"
#include "tests/base/instants.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace slipstream {
namespace {

CivilTime civil(int year, int month, int day, int hour = 0, int minute = 0) {
  return {{year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)},
          hours(hour).us + minutes(minute).us};
}

rc::Gen<std::string> any_zone() {
  return rc::gen::element<std::string>("UTC", "Europe/Amsterdam", "Asia/Ho_Chi_Minh", "America/New_York",
                                       "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu");
}
rc::Gen<Timestamp> any_instant() {
  return rc::gen::map(
      rc::gen::inRange<std::int64_t>(utc("0002-01-01T00:00:00Z").us, utc("9998-12-31T00:00:00Z").us),
      [](std::int64_t us) { return Timestamp{us}; });
}
rc::Gen<Timestamp> recent_instant() {
  return rc::gen::map(
      rc::gen::inRange<std::int64_t>(utc("1960-01-01T00:00:00Z").us, utc("2060-01-01T00:00:00Z").us),
      [](std::int64_t us) { return Timestamp{us}; });
}

TEST(Calendar, CountsDaysFromTheEpoch) {
  EXPECT_EQ(days_since_epoch({1970, 1, 1}), 0);
  EXPECT_EQ(days_since_epoch({2000, 3, 1}), 11017);
  EXPECT_EQ(days_since_epoch({1969, 12, 31}), -1);
  EXPECT_EQ(days_since_epoch({1, 1, 1}), -719162);
}

TEST(Calendar, EveryDayOfFourCenturiesFollowsTheOneBefore) {
  CivilDate expected{1600, 1, 1};
  for (std::int64_t day = days_since_epoch(expected); expected.year < 2001; ++day) {
    ASSERT_EQ(civil_from_days(day), expected);
    ASSERT_EQ(days_since_epoch(expected), day);
    if (expected.day < days_in_month(expected.year, expected.month)) {
      ++expected.day;
    } else {
      expected = expected.month == 12
                     ? CivilDate{expected.year + 1, 1, 1}
                     : CivilDate{expected.year, static_cast<std::uint8_t>(expected.month + 1), 1};
    }
  }
}

TEST(Calendar, LeapYearsAreEveryFourthButForThreeCenturiesOfFour) {
  EXPECT_EQ(days_in_month(2024, 2), 29);
  EXPECT_EQ(days_in_month(2023, 2), 28);
  EXPECT_EQ(days_in_month(1900, 2), 28);
  EXPECT_EQ(days_in_month(2000, 2), 29);
}

TEST(Calendar, AddingMonthsClampsToTheLastDay) {
  EXPECT_EQ(add_months({2011, 1, 31}, 1), (CivilDate{2011, 2, 28}));
  EXPECT_EQ(add_months({2012, 1, 31}, 1), (CivilDate{2012, 2, 29}));
  EXPECT_EQ(add_months({2012, 3, 31}, -1), (CivilDate{2012, 2, 29}));
  EXPECT_EQ(add_months({2011, 11, 15}, 14), (CivilDate{2013, 1, 15}));
  EXPECT_EQ(add_months({2011, 1, 15}, -1), (CivilDate{2010, 12, 15}));
}

RC_GTEST_PROP(CalendarProperty, DaysAndDatesAreInverse, ()) {
  const auto day = *rc::gen::inRange<std::int64_t>(-800'000, 3'000'000);
  RC_ASSERT(days_since_epoch(civil_from_days(day)) == day);
}

TEST(Zone, AnUnknownNameIsAnError) {
  for (const auto* name : {"", "Mars/Olympus", "Europe/amsterdam!", "../../etc/passwd"})
    EXPECT_EQ(Zone::find(name).error().code, ErrorCode::unknown_name) << name;
  EXPECT_EQ(zone("Europe/Amsterdam").name(), "Europe/Amsterdam");
  EXPECT_EQ(Zone().name(), "UTC");
}

TEST(Zone, FollowsDaylightSavingBothWays) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(amsterdam.to_civil(utc("2011-01-15T11:30:00Z")), civil(2011, 1, 15, 12, 30));
  EXPECT_EQ(amsterdam.to_civil(utc("2011-07-15T11:30:00Z")), civil(2011, 7, 15, 13, 30));
  EXPECT_EQ(amsterdam.to_civil(utc("2011-03-27T00:59:59Z")).us_of_day,
            hours(1).us + minutes(59).us + seconds(59).us);
  EXPECT_EQ(amsterdam.to_civil(utc("2011-03-27T01:00:00Z")), civil(2011, 3, 27, 3));
  const Zone new_york = zone("America/New_York");
  EXPECT_EQ(new_york.to_civil(utc("2021-11-07T05:59:00Z")), civil(2021, 11, 7, 1, 59));
  EXPECT_EQ(new_york.to_civil(utc("2021-11-07T06:00:00Z")), civil(2021, 11, 7, 1));
}

TEST(Zone, ASkippedLocalTimeIsTheInstantOfTheChange) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  for (const int minute : {0, 30, 59})
    EXPECT_EQ(amsterdam.to_timestamp(civil(2011, 3, 27, 2, minute)), utc("2011-03-27T01:00:00Z"));
  EXPECT_EQ(amsterdam.to_timestamp(civil(2011, 3, 27, 3)), utc("2011-03-27T01:00:00Z"));
  EXPECT_EQ(zone("America/New_York").to_timestamp(civil(2021, 3, 14, 2, 30)), utc("2021-03-14T07:00:00Z"));
}

TEST(Zone, AnAmbiguousLocalTimeIsItsFirstOccurrence) {
  EXPECT_EQ(zone("Europe/Amsterdam").to_timestamp(civil(2011, 10, 30, 2, 30)), utc("2011-10-30T00:30:00Z"));
  EXPECT_EQ(zone("America/New_York").to_timestamp(civil(2021, 11, 7, 1, 30)), utc("2021-11-07T05:30:00Z"));
}

TEST(Zone, AZoneWithoutDaylightSavingIsAConstantOffset) {
  const Zone vietnam = zone("Asia/Ho_Chi_Minh");
  for (int month = 1; month <= 12; ++month)
    EXPECT_EQ(vietnam.to_timestamp(civil(2021, month, 1)).us,
              Zone().to_timestamp(civil(2021, month, 1)).us - hours(7).us);
}

TEST(Zone, DaysAroundAChangeAreShorterOrLonger) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  const auto length = [&](CivilDate date) {
    const CivilDate next = civil_from_days(days_since_epoch(date) + 1);
    return amsterdam.start_of_day(next) - amsterdam.start_of_day(date);
  };
  EXPECT_EQ(length({2011, 3, 27}), hours(23));
  EXPECT_EQ(length({2011, 10, 30}), hours(25));
  EXPECT_EQ(length({2011, 6, 1}), hours(24));
}

TEST(Zone, ADayTheZoneSkippedIsEmpty) {
  const Zone apia = zone("Pacific/Apia");
  EXPECT_EQ(apia.start_of_day({2011, 12, 30}), apia.start_of_day({2011, 12, 31}));
  EXPECT_EQ(apia.start_of_day({2011, 12, 30}), utc("2011-12-30T10:00:00Z"));
}

TEST(Zone, TheRulesHoldOnAfterTheDatabasesLastYear) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(amsterdam.to_civil(utc("2040-07-01T10:00:00Z")), civil(2040, 7, 1, 12));
  EXPECT_EQ(amsterdam.to_civil(utc("2040-12-01T10:00:00Z")), civil(2040, 12, 1, 11));
  EXPECT_EQ(amsterdam.to_timestamp(civil(2040, 7, 1, 12)), utc("2040-07-01T10:00:00Z"));
  EXPECT_EQ(amsterdam.to_timestamp(civil(2040, 3, 25, 2, 30)), utc("2040-03-25T01:00:00Z"));
  EXPECT_EQ(amsterdam.to_timestamp(civil(2040, 10, 28, 2, 30)), utc("2040-10-28T00:30:00Z"));
  EXPECT_EQ(zone("America/New_York").to_civil(utc("2050-07-01T12:00:00Z")), civil(2050, 7, 1, 8));
  EXPECT_EQ(zone("Asia/Ho_Chi_Minh").to_civil(utc("2050-07-01T12:00:00Z")), civil(2050, 7, 1, 19));
  EXPECT_EQ(zone("Australia/Sydney").to_civil(utc("2045-01-01T00:00:00Z")), civil(2045, 1, 1, 11));
  EXPECT_EQ(zone("Australia/Sydney").to_civil(utc("2045-07-01T00:00:00Z")), civil(2045, 7, 1, 10));
}

TEST(Zone, TheEndsOfTimeDoNotOverflow) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(Zone().civil_us(Timestamp::max()), INT64_MAX);
  EXPECT_GT(amsterdam.to_civil(Timestamp::max()).date.year, 9999);
  EXPECT_LT(amsterdam.to_civil(Timestamp::min()).date.year, 0);
  EXPECT_FALSE(is_representable(Timestamp::max()));
  EXPECT_TRUE(is_representable(utc("0001-01-01T00:00:00Z")));
  EXPECT_FALSE(is_representable({utc("0001-01-01T00:00:00Z").us - 1}));
  EXPECT_FALSE(is_representable({utc("9999-12-31T23:59:59.999999Z").us + 1}));
}

RC_GTEST_PROP(ZoneProperty, AnInstantComesBackFromItsLocalTimeOrIsTheSecondOccurrence, ()) {
  const Zone local = zone(*any_zone());
  const Timestamp t = *rc::gen::oneOf(any_instant(), recent_instant());
  const Timestamp back = local.to_timestamp(local.to_civil(t));
  RC_ASSERT(back <= t);
  RC_ASSERT(local.to_civil(back) == local.to_civil(t));
}

RC_GTEST_PROP(ZoneProperty, AWarmZoneAnswersAsAFreshOneDoes, ()) {
  const std::string name = *any_zone();
  const Zone warm = zone(name);
  for (const Timestamp t : *rc::gen::container<std::vector<Timestamp>>(recent_instant())) {
    RC_ASSERT(warm.to_civil(t) == zone(name).to_civil(t));
    const CivilTime shifted = Zone().to_civil(t);
    RC_ASSERT(warm.to_timestamp(shifted) == zone(name).to_timestamp(shifted));
  }
}

RC_GTEST_PROP(ZoneProperty, CivilMicrosecondsAreLinearInCivilTime, ()) {
  const Zone local = zone(*any_zone());
  const Timestamp t = *recent_instant();
  const CivilTime at = local.to_civil(t);
  RC_ASSERT(local.civil_us(t) == days_since_epoch(at.date) * days(1).us + at.us_of_day);
}

RC_GTEST_PROP(ZoneProperty, LocalTimeNeverMapsBackwards, ()) {
  const Zone local = zone(*any_zone());
  const std::int64_t first = (*recent_instant()).us;
  const std::int64_t second = first + *rc::gen::inRange<std::int64_t>(0, days(3).us);
  RC_ASSERT(local.start_of_day(Zone().date_of({first})) <= local.start_of_day(Zone().date_of({second})));
}

}  // namespace
}  // namespace slipstream
