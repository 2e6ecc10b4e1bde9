#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/base/instants.h"

namespace slipstream {
namespace {

TEST(TimestampText, ReadsRfc3339) {
  EXPECT_EQ(utc("1970-01-01T00:00:00Z").us, 0);
  EXPECT_EQ(utc("2010-10-01T00:00:00.020+02:00"), utc("2010-09-30T22:00:00.020Z"));
  EXPECT_EQ(utc("1969-12-31T23:59:59.999999Z").us, -1);
  EXPECT_EQ(utc("2010-10-01 00:00:00z"), utc("2010-10-01T00:00:00-00:00"));
  EXPECT_EQ(utc("2010-10-01T00:00:00+0530"), utc("2010-09-30T18:30:00Z"));
  EXPECT_EQ(utc("2010-10-01T00:00+02"), utc("2010-09-30T22:00:00Z"));
  EXPECT_EQ(utc("2016-12-31T23:59:60Z"), utc("2017-01-01T00:00:00Z"));
  EXPECT_EQ(utc("2010-10-01T00:00:00.123456000Z").us % 1'000'000, 123'456);
}

TEST(TimestampText, ALocalTimeNeedsAZone) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(parse_timestamp("2010-10-01", &amsterdam).value(), utc("2010-09-30T22:00:00Z"));
  EXPECT_EQ(parse_timestamp("2010-12-01T08:00:00", &amsterdam).value(), utc("2010-12-01T07:00:00Z"));
  EXPECT_EQ(parse_timestamp("2010-12-01T08:00:00Z", &amsterdam).value(), utc("2010-12-01T08:00:00Z"));
  EXPECT_EQ(parse_timestamp("2010-10-01").error().code, ErrorCode::syntax);
  EXPECT_EQ(parse_timestamp("2010-12-01T08:00:00").error().code, ErrorCode::syntax);
}

TEST(TimestampText, RefusesOtherShapes) {
  for (const auto* text : {"", "2010", "2010-1-1T00:00:00Z", "2010-10-01T", "2010-10-01T1:00:00Z",
                           "20101001T000000Z", "2010-10-01T00:00:00.Z", "2010-10-01T00:00:00.1234567Z",
                           "2010-10-01T00:00:00Zx", "2010-10-01T00:00:00+2:00", "2010-10-01T00:00:00+24:00",
                           "2010-10-01T00:00:00+02:60", "2010-10-01X00:00:00Z", "-010-10-01T00:00:00Z"})
    EXPECT_EQ(parse_timestamp(text).error().code, ErrorCode::syntax) << text;
}

TEST(TimestampText, RefusesInstantsThatDoNotExistOrAreAbsurd) {
  for (const auto* text : {"2011-02-29T00:00:00Z", "2011-13-01T00:00:00Z", "2011-00-01T00:00:00Z",
                           "2011-04-31T00:00:00Z", "2011-04-30T24:00:00Z", "2011-04-30T00:60:00Z",
                           "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"})
    EXPECT_EQ(parse_timestamp(text).error().code, ErrorCode::invalid_timestamp) << text;
}

TEST(TimestampText, WritesTheShortestExactFraction) {
  EXPECT_EQ(format_timestamp(utc("2010-10-01T00:00:00Z")), "2010-10-01T00:00:00Z");
  EXPECT_EQ(format_timestamp(utc("2010-10-01T00:00:00.02Z")), "2010-10-01T00:00:00.020Z");
  EXPECT_EQ(format_timestamp(utc("2010-10-01T00:00:00.000001Z")), "2010-10-01T00:00:00.000001Z");
  EXPECT_EQ(format_timestamp(utc("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
}

TEST(TimestampText, WritesTheOffsetOfTheZone) {
  const Timestamp t = utc("2010-09-30T22:00:00Z");
  EXPECT_EQ(format_timestamp(t, zone("Europe/Amsterdam")), "2010-10-01T00:00:00+02:00");
  EXPECT_EQ(format_timestamp(t, zone("America/New_York")), "2010-09-30T18:00:00-04:00");
  EXPECT_EQ(format_timestamp(t, zone("Asia/Kathmandu")), "2010-10-01T03:45:00+05:45");
}

RC_GTEST_PROP(TimestampTextProperty, AnInstantComesBackFromItsText, ()) {
  const Timestamp t{
      *rc::gen::inRange<std::int64_t>(utc("0001-01-02T00:00:00Z").us, utc("9999-12-31T00:00:00Z").us)};
  const auto name =
      *rc::gen::element<std::string>("UTC", "Europe/Amsterdam", "Asia/Ho_Chi_Minh", "America/New_York");
  RC_ASSERT(utc(format_timestamp(t)) == t);
  RC_ASSERT(utc(format_timestamp(t, zone(name))) == t);
}

TEST(TimestampText, NoTextBreaksTheReader) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    const auto parsed = parse_timestamp(text);
    RC_ASSERT(!parsed || is_representable(*parsed));
  }));
}

TEST(DeadlineText, ADateEndsAtLocalMidnight) {
  const Zone amsterdam = zone("Europe/Amsterdam");
  EXPECT_EQ(parse_deadline("2011-03-27", amsterdam).value(), utc("2011-03-27T22:00:00Z"));
  EXPECT_EQ(parse_deadline("2011-12-31", amsterdam).value(), utc("2011-12-31T23:00:00Z"));
  EXPECT_EQ(parse_deadline("2011-12-31T12:00:00Z", amsterdam).value(), utc("2011-12-31T12:00:00Z"));
  EXPECT_EQ(parse_deadline("2011-02-30", amsterdam).error().code, ErrorCode::invalid_timestamp);
  EXPECT_EQ(parse_deadline("9999-12-31", Zone()).error().code, ErrorCode::invalid_timestamp);
}

TEST(DateText, ReadsAndWritesIsoDates) {
  EXPECT_EQ(parse_date("2012-02-29").value(), (CivilDate{2012, 2, 29}));
  EXPECT_EQ(format_date({987, 6, 5}), "0987-06-05");
  EXPECT_EQ(parse_date("2011-02-29").error().code, ErrorCode::invalid_timestamp);
  for (const auto* text : {"", "2011-2-29", "2011-02-2", "2011-02-28 ", "2011/02/28"})
    EXPECT_EQ(parse_date(text).error().code, ErrorCode::syntax) << text;
}

TEST(DurationText, ReadsSumsOfWholeUnits) {
  EXPECT_EQ(parse_duration("3 days").value(), days(3));
  EXPECT_EQ(parse_duration("1 day 02:00:00").value(), days(1) + hours(2));
  EXPECT_EQ(parse_duration("15 minutes").value(), minutes(15));
  EXPECT_EQ(parse_duration("100 ms").value(), milliseconds(100));
  EXPECT_EQ(parse_duration("1 week").value(), days(7));
  EXPECT_EQ(parse_duration("90s").value(), seconds(90));
  EXPECT_EQ(parse_duration("2 Hours 30 min").value(), minutes(150));
  EXPECT_EQ(parse_duration("-3 days").value(), days(-3));
  EXPECT_EQ(parse_duration("00:00:00.000789").value(), microseconds(789));
}

TEST(DurationText, RefusesUnitsWithoutAFixedLengthAndBrokenTexts) {
  for (const auto* text :
       {"", " ", "3", "3 months", "1 year", "1 mon", "days", "1.5 hours", "1 day 2", "1:60", "1:00:60",
        "99999999999 weeks", "1 day,", "--1 day", "9999999999999999999 s", "1:0", "5 ss"})
    EXPECT_EQ(parse_duration(text).error().code, ErrorCode::syntax) << text;
}

TEST(DurationText, WritesPostgresqlsIntervalStyle) {
  EXPECT_EQ(format_duration(days(3) + hours(4) + minutes(5) + seconds(6) + microseconds(789)),
            "3 days 04:05:06.000789");
  EXPECT_EQ(format_duration(days(1)), "1 day");
  EXPECT_EQ(format_duration(minutes(-90)), "-01:30:00");
  EXPECT_EQ(format_duration(days(-1) - hours(1)), "-1 days -01:00:00");
  EXPECT_EQ(format_duration({}), "00:00:00");
}

RC_GTEST_PROP(DurationTextProperty, ADurationComesBackFromItsText, (std::int64_t us)) {
  RC_PRE(us != INT64_MIN);
  RC_ASSERT(parse_duration(format_duration({us})).value() == Duration{us});
}

}  // namespace
}  // namespace slipstream
