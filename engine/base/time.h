// Instants, durations and civil time.
//
// A Timestamp is microseconds since 1970-01-01T00:00:00Z (PostgreSQL's timestamptz resolution). Civil time,
// the calendar and DST live in Zone alone. Accepted range: years 0001 to 9999.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/error.h"

namespace slipstream {

// Rounds towards the past: instants before 1970 are negative. The divisor is positive.
constexpr std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

inline constexpr std::int64_t kSecondUs = 1'000'000;
inline constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
inline constexpr std::int64_t kHourUs = 60 * kMinuteUs;
inline constexpr std::int64_t kDayUs = 24 * kHourUs;  // of civil time, or of a day without a jump

struct Duration {
  std::int64_t us = 0;  // microseconds; may be negative
  friend constexpr auto operator<=>(Duration, Duration) = default;
};
constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
constexpr Duration microseconds(std::int64_t n) { return {n}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }
constexpr Duration days(std::int64_t n) { return hours(n * 24); }

struct Timestamp {
  std::int64_t us = 0;  // microseconds since the Unix epoch, UTC
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  static constexpr Timestamp min() { return {INT64_MIN}; }
  static constexpr Timestamp max() { return {INT64_MAX}; }
};
constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.us + d.us}; }
constexpr Timestamp operator-(Timestamp t, Duration d) { return {t.us - d.us}; }
constexpr Duration operator-(Timestamp a, Timestamp b) { return {a.us - b.us}; }

// Years 0001-01-01T00:00:00Z (inclusive) to 10000-01-01T00:00:00Z (exclusive): what may enter the engine.
bool is_representable(Timestamp t);

struct CivilDate {
  std::int32_t year = 1970;
  std::uint8_t month = 1;  // 1 to 12
  std::uint8_t day = 1;    // 1 to 31
  friend constexpr auto operator<=>(CivilDate, CivilDate) = default;
};

std::int64_t days_since_epoch(CivilDate date);  // may be negative
CivilDate civil_from_days(std::int64_t days_since_epoch);
// Adds calendar months, clamping the day to the month's last (PostgreSQL's rule: Jan 31 + 1 month = Feb
// 28/29).
CivilDate add_months(CivilDate date, std::int32_t months);
std::uint8_t days_in_month(std::int32_t year, std::uint8_t month);

// Local date and time of day, without a zone.
struct CivilTime {
  CivilDate date;
  std::int64_t us_of_day = 0;  // 0 to 86'399'999'999
  friend constexpr auto operator<=>(CivilTime, CivilTime) = default;
};

// An IANA time zone. Immutable, thread-safe, cheap to copy. Each thread remembers the last range of constant
// offset of the zones it asked about, so that repeated conversions cost a compare.
class Zone {
 public:
  Zone() = default;  // UTC
  // Error unknown_name when the IANA database has no such zone.
  static Result<Zone> find(std::string_view iana_name);

  const std::string& name() const { return name_; }
  CivilTime to_civil(Timestamp t) const;
  // A local time skipped by a DST change maps to the instant of the change; an ambiguous one to its first
  // occurrence.
  Timestamp to_timestamp(CivilTime local) const;
  Timestamp start_of_day(CivilDate date) const { return to_timestamp({date, 0}); }
  CivilDate date_of(Timestamp t) const { return to_civil(t).date; }
  // Microseconds of local civil time since 1970-01-01T00:00 local: linear in civil days, used by
  // trajectories.
  std::int64_t civil_us(Timestamp t) const;
  // The instant of such local microseconds, as to_timestamp() resolves it.
  Timestamp from_civil_us(std::int64_t local_us) const;

 private:
  std::string name_ = "UTC";
  const void* zone_ = nullptr;  // a record of zone.cpp, kept until the process ends; null for UTC
};

// RFC 3339 with zone offset or 'Z': "2010-10-01T00:00:00.020+02:00"; up to 6 fraction digits (more are
// refused unless zero). "YYYY-MM-DD" alone and a local date-time without offset are read in `zone`; without a
// zone they are refused.
Result<Timestamp> parse_timestamp(std::string_view text, const Zone* zone = nullptr);
// A date alone, as a deadline: "ends at local midnight", i.e. the start of the next local day.
Result<Timestamp> parse_deadline(std::string_view text, const Zone& zone);
Result<CivilDate> parse_date(std::string_view text);

// RFC 3339 in UTC ("...Z") or in the zone with its offset. Fraction printed only when non-zero, in 3 or 6
// digits.
std::string format_timestamp(Timestamp t);
std::string format_timestamp(Timestamp t, const Zone& zone);
std::string format_date(CivilDate date);  // "2011-06-01"
// "3 days", "1 day 02:00:00", "15 minutes", "100 ms", "1 week": sums of whole units; error syntax otherwise.
// Months and years are refused (their length is not fixed).
Result<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration d);  // "3 days 04:05:06.000789", PostgreSQL's interval style

}  // namespace slipstream
