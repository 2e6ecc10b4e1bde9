// date_trunc and extract.
#include "engine/expression/calendar.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "engine/base/time.h"

namespace slipstream {
namespace {

// A change of offset can put the clock back over midnight; no zone ever moved by more than a day.
constexpr std::int64_t kOffsetHorizonUs = 25 * kHourUs;

std::int64_t floor_to(std::int64_t value, std::int64_t unit) { return floor_divide(value, unit) * unit; }

constexpr std::array<std::pair<std::string_view, CalendarField>, 15> kFields = {{
    {"microsecond", CalendarField::microseconds},
    {"millisecond", CalendarField::milliseconds},
    {"second", CalendarField::second},
    {"minute", CalendarField::minute},
    {"hour", CalendarField::hour},
    {"day", CalendarField::day},
    {"dow", CalendarField::dow},
    {"isodow", CalendarField::isodow},
    {"doy", CalendarField::doy},
    {"week", CalendarField::week},
    {"month", CalendarField::month},
    {"quarter", CalendarField::quarter},
    {"year", CalendarField::year},
    {"isoyear", CalendarField::isoyear},
    {"epoch", CalendarField::epoch},
}};

// Length of units that are the same everywhere; 0 for calendar units.
std::int64_t fixed_length(CalendarField field) {
  switch (field) {
    case CalendarField::microseconds:
      return 1;
    case CalendarField::milliseconds:
      return 1'000;
    case CalendarField::second:
      return kSecondUs;
    case CalendarField::minute:
      return kMinuteUs;
    case CalendarField::hour:
      return kHourUs;
    default:
      return 0;
  }
}

// Monday is 0.
std::int64_t days_after_monday(CivilDate date) {
  const std::int64_t shifted = days_since_epoch(date) + 3;  // 1970-01-01 was a Thursday
  return shifted - floor_to(shifted, 7);
}

CivilDate plus_days(CivilDate date, std::int64_t count) {
  return civil_from_days(days_since_epoch(date) + count);
}
std::uint8_t first_month_of_quarter(CivilDate date) {
  return static_cast<std::uint8_t>((date.month - 1) / 3 * 3 + 1);
}

// The ISO year of a date is the year of its week's Thursday.
CivilDate iso_thursday(CivilDate date) { return plus_days(date, 3 - days_after_monday(date)); }

CivilDate start_of_unit(CalendarField field, CivilDate date) {
  switch (field) {
    case CalendarField::week:
    case CalendarField::isoyear:
      return plus_days(date, -days_after_monday(date));
    case CalendarField::month:
      return {date.year, date.month, 1};
    case CalendarField::quarter:
      return {date.year, first_month_of_quarter(date), 1};
    case CalendarField::year:
      return {date.year, 1, 1};
    default:
      return date;
  }
}

CivilDate start_of_next_unit(CalendarField field, CivilDate date) {
  const CivilDate start = start_of_unit(field, date);
  switch (field) {
    case CalendarField::week:
    case CalendarField::isoyear:
      return plus_days(start, 7);
    case CalendarField::month:
      return add_months(start, 1);
    case CalendarField::quarter:
      return add_months(start, 3);
    case CalendarField::year:
      return add_months(start, 12);
    default:
      return plus_days(start, 1);
  }
}

std::int64_t day_of_year(CivilDate date) {
  return days_since_epoch(date) - days_since_epoch({date.year, 1, 1}) + 1;
}

std::int64_t extract_from_date(CalendarField field, CivilDate date) {
  switch (field) {
    case CalendarField::day:
      return date.day;
    case CalendarField::dow:
      return (days_after_monday(date) + 1) % 7;
    case CalendarField::isodow:
      return days_after_monday(date) + 1;
    case CalendarField::doy:
      return day_of_year(date);
    case CalendarField::week:
      return (day_of_year(iso_thursday(date)) - 1) / 7 + 1;
    case CalendarField::month:
      return date.month;
    case CalendarField::quarter:
      return (date.month - 1) / 3 + 1;
    case CalendarField::isoyear:
      return iso_thursday(date).year;
    default:
      return date.year;
  }
}

// Of the microseconds of a day, signed for intervals.
Decimal extract_from_clock(CalendarField field, std::int64_t us_of_day) {
  switch (field) {
    case CalendarField::hour:
      return Decimal(us_of_day / kHourUs);
    case CalendarField::minute:
      return Decimal(us_of_day / kMinuteUs % 60);
    case CalendarField::milliseconds:
      return Decimal::from_units(us_of_day % kMinuteUs, 3);
    case CalendarField::microseconds:
      return Decimal(us_of_day % kMinuteUs);
    default:
      return Decimal::from_units(us_of_day % kMinuteUs, 6);
  }
}

}  // namespace

std::optional<CalendarField> find_calendar_field(std::string_view name) {
  for (const auto& [singular, field] : kFields)
    if (name == singular || (name.ends_with('s') && name.substr(0, name.size() - 1) == singular))
      return field;
  return std::nullopt;
}

bool can_truncate_to(CalendarField field) {
  switch (field) {
    case CalendarField::dow:
    case CalendarField::isodow:
    case CalendarField::doy:
    case CalendarField::isoyear:
    case CalendarField::epoch:
      return false;
    default:
      return true;
  }
}

bool can_extract_from_interval(CalendarField field) {
  switch (field) {
    case CalendarField::dow:
    case CalendarField::isodow:
    case CalendarField::doy:
    case CalendarField::week:
    case CalendarField::isoyear:
      return false;
    default:
      return true;
  }
}

bool is_continuous(CalendarField field) {
  return field == CalendarField::epoch || field == CalendarField::second ||
         field == CalendarField::milliseconds || field == CalendarField::microseconds;
}

Timestamp truncate_to(CalendarField field, Timestamp t, const Zone& zone) {
  if (const std::int64_t length = fixed_length(field); length != 0) {
    const std::int64_t local = zone.civil_us(t);
    return {t.us - (local - floor_to(local, length))};
  }
  return zone.start_of_day(start_of_unit(field, zone.date_of(t)));
}

std::optional<Timestamp> offset_change(Timestamp t, std::int64_t horizon_us, const Zone& zone) {
  const std::int64_t offset = zone.civil_us(t) - t.us;
  const auto differs = [&](std::int64_t us) { return zone.civil_us({us}) - us != offset; };
  if (horizon_us <= 0 || !differs(t.us + horizon_us)) return std::nullopt;
  std::int64_t same = t.us;
  std::int64_t changed = t.us + horizon_us;
  while (changed - same > 1) {
    const std::int64_t middle = same + (changed - same) / 2;
    (differs(middle) ? changed : same) = middle;
  }
  return Timestamp{changed};
}

Timestamp next_change_of(CalendarField field, Timestamp t, const Zone& zone) {
  const std::int64_t length = fixed_length(field);
  Timestamp boundary{truncate_to(field, t, zone).us + length};
  if (length == 0) {
    const CivilDate next = start_of_next_unit(field, zone.date_of(t));
    boundary = zone.start_of_day(next);
    // Put back over midnight, the clock meets it a second time.
    if (boundary <= t) boundary.us = t.us + days_since_epoch(next) * kDayUs - zone.civil_us(t);
  }
  const std::int64_t horizon = length != 0 ? boundary.us - t.us : kOffsetHorizonUs;
  return std::min(boundary, offset_change(t, horizon, zone).value_or(Timestamp::max()));
}

Decimal extract_field(CalendarField field, Timestamp t, const Zone& zone) {
  if (field == CalendarField::epoch) return Decimal::from_units(t.us, 6);
  const CivilTime local = zone.to_civil(t);
  const bool of_clock = fixed_length(field) != 0;
  return of_clock ? extract_from_clock(field, local.us_of_day)
                  : Decimal(extract_from_date(field, local.date));
}

Decimal extract_field(CalendarField field, Interval interval) {
  switch (field) {
    case CalendarField::year:
      return Decimal(interval.months / 12);
    case CalendarField::quarter:
      return Decimal(interval.months % 12 / 3 + 1);
    case CalendarField::month:
      return Decimal(interval.months % 12);
    case CalendarField::day:
      return Decimal(interval.days + interval.us / kDayUs);
    case CalendarField::epoch: {
      const Int128 quarter_days = Int128{interval.months / 12} * 1'461 + Int128{interval.months % 12} * 120 +
                                  Int128{interval.days} * 4;
      return Decimal::from_units(quarter_days * (kDayUs / 4) + interval.us, 6);
    }
    default:
      return extract_from_clock(field, interval.us % kDayUs);
  }
}

std::int64_t steady_us(CalendarField field, Interval interval, int slope) {
  const std::int64_t unit = field == CalendarField::day ? kDayUs : fixed_length(field);
  if (is_continuous(field)) return 1;
  if (unit == 0) return INT64_MAX;  // months and longer: the microseconds play no part
  const std::int64_t into = std::abs(interval.us % unit);
  // Parts are cut off towards zero: away from zero a field changes on reaching a multiple, towards it on
  // leaving one.
  const bool away_from_zero = slope > 0 ? interval.us >= 0 : interval.us <= 0;
  return away_from_zero ? unit - into : into + 1;
}

}  // namespace slipstream
