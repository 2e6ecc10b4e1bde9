// Parts of instants and intervals: date_trunc and extract, in the deployment's zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/expression/value.h"

namespace slipstream {

enum class CalendarField : std::uint8_t {
  microseconds,
  milliseconds,
  second,
  minute,
  hour,
  day,
  dow,     // Sunday 0 to Saturday 6
  isodow,  // Monday 1 to Sunday 7
  doy,     // 1 to 366
  week,    // ISO 8601, weeks start on Monday
  month,
  quarter,
  year,
  isoyear,
  epoch,  // seconds
};

// PostgreSQL's names, singular or plural.
std::optional<CalendarField> find_calendar_field(std::string_view name);
bool can_truncate_to(CalendarField field);  // date_trunc's units
bool can_extract_from_interval(CalendarField field);
// The value changes within a second: extract(epoch from now()) moves with the clock.
bool is_continuous(CalendarField field);

// Start of the unit around `t` in local time. Units up to the hour keep the zone's offset at `t`.
Timestamp truncate_to(CalendarField field, Timestamp t, const Zone& zone);
// An instant after `t` before which truncate_to and extract_field keep their value; not later than their next
// change.
Timestamp next_change_of(CalendarField field, Timestamp t, const Zone& zone);
Decimal extract_field(CalendarField field, Timestamp t, const Zone& zone);
// Whole days inside the microseconds count as days, since a difference of timestamps has microseconds only.
// epoch: a year is 365.25 days, a month 30 days, as in PostgreSQL.
Decimal extract_field(CalendarField field, Interval interval);
// The same for an interval of microseconds that grows or shrinks (`slope` +1 or -1) by one each microsecond:
// a number of microseconds, at least 1, for which the field keeps its value.
std::int64_t steady_us(CalendarField field, Interval interval, int slope);

// The first instant in (t, t + horizon_us] at which the zone's offset differs from that at `t`; at most one
// change may lie in there.
std::optional<Timestamp> offset_change(Timestamp t, std::int64_t horizon_us, const Zone& zone);

}  // namespace slipstream
