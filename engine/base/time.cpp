// The proleptic Gregorian calendar and IANA zones. Texts are in time_text.cpp.
#include "engine/base/time.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace slipstream {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kYear1Us = -719'162 * kDayUs;       // 0001-01-01
constexpr std::int64_t kYear10000Us = 2'932'897 * kDayUs;  // 10000-01-01
// Instants of which the zone database is asked: beyond, the offset of the nearest end holds. Half a day of
// offset added to anything within cannot overflow.
constexpr std::int64_t kLookupMinUs = kYear1Us - 400 * 366 * kDayUs;
constexpr std::int64_t kLookupMaxUs = kYear10000Us + 400 * 366 * kDayUs;
// No zone has ever jumped by more than a day, so a local time this far inside a range of constant offset is
// unambiguous.
constexpr std::int64_t kJumpMaxUs = 26 * 3600 * kSecondUs;

constexpr std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

constexpr bool is_leap(std::int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

const date::time_zone& as_zone(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

std::int64_t clamp_to_us(date::sys_seconds at) {
  const std::int64_t seconds = at.time_since_epoch().count();
  return std::clamp(seconds, kLookupMinUs / kSecondUs, kLookupMaxUs / kSecondUs) * kSecondUs;
}

struct OffsetRange {
  std::int64_t begin_us, end_us, offset_us;
};

OffsetRange look_up(const void* zone, std::int64_t utc_us) {
  if (zone == nullptr) return {INT64_MIN, INT64_MAX, 0};
  const std::int64_t within = std::clamp(utc_us, kLookupMinUs, kLookupMaxUs);
  const auto info =
      as_zone(zone).get_info(date::sys_seconds(std::chrono::seconds(floor_divide(within, kSecondUs))));
  return {clamp_to_us(info.begin), clamp_to_us(info.end), info.offset.count() * kSecondUs};
}

// The instant of a local time near a change of offset.
std::int64_t resolve(const date::time_zone& zone, std::int64_t local_us) {
  const std::int64_t within = std::clamp(local_us, kLookupMinUs, kLookupMaxUs);
  const auto info = zone.get_info(date::local_seconds(std::chrono::seconds(floor_divide(within, kSecondUs))));
  if (info.result == date::local_info::nonexistent) return clamp_to_us(info.first.end);
  return local_us - info.first.offset.count() * kSecondUs;
}

}  // namespace

bool is_representable(Timestamp t) { return t.us >= kYear1Us && t.us < kYear10000Us; }

// Days and civil dates: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil).
std::int64_t days_since_epoch(CivilDate date) {
  const std::int64_t year = std::int64_t{date.year} - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(std::int64_t days_since_epoch) {
  const std::int64_t shifted = days_since_epoch + 719'468;
  const std::int64_t era = floor_divide(shifted, 146'097);
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  return {static_cast<std::int32_t>(year), static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
}

std::uint8_t days_in_month(std::int32_t year, std::uint8_t month) {
  constexpr std::uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  SLIPSTREAM_INVARIANT(month >= 1 && month <= 12, fmt::format("month {}", month));
  return month == 2 && is_leap(year) ? std::uint8_t{29} : kDays[month - 1];
}

CivilDate add_months(CivilDate date, std::int32_t months) {
  const std::int64_t month_count = std::int64_t{date.year} * 12 + (date.month - 1) + months;
  const std::int64_t year = floor_divide(month_count, 12);
  const auto month = static_cast<std::uint8_t>(month_count - year * 12 + 1);
  const auto civil_year = static_cast<std::int32_t>(year);
  return {civil_year, month, std::min(date.day, days_in_month(civil_year, month))};
}

Zone::Zone() : name_("UTC"), range_begin_us_(INT64_MIN), range_end_us_(INT64_MAX) {}

Result<Zone> Zone::find(std::string_view iana_name) {
  Zone zone;
  if (iana_name == "UTC") return zone;
  try {
    zone.zone_ = date::locate_zone(iana_name);
  } catch (const std::exception&) {
    return fail(
        ErrorCode::unknown_name,
        fmt::format("time zone '{}' is not in the IANA database; write it like Europe/Amsterdam", iana_name));
  }
  zone.name_ = iana_name;
  zone.range_begin_us_ = zone.range_end_us_ = 0;
  return zone;
}

std::int64_t Zone::civil_us(Timestamp t) const {
  if (t.us < range_begin_us_ || t.us >= range_end_us_) [[unlikely]] {
    const OffsetRange range = look_up(zone_, t.us);
    range_begin_us_ = range.begin_us;
    range_end_us_ = range.end_us;
    range_offset_us_ = range.offset_us;
  }
  std::int64_t local = 0;
  if (__builtin_add_overflow(t.us, range_offset_us_, &local)) return t.us;  // Timestamp::min() and max() only
  return local;
}

CivilTime Zone::to_civil(Timestamp t) const {
  const std::int64_t local = civil_us(t);
  const std::int64_t day = floor_divide(local, kDayUs);
  return {civil_from_days(day), local - day * kDayUs};
}

Timestamp Zone::to_timestamp(CivilTime local) const {
  const std::int64_t local_us = days_since_epoch(local.date) * kDayUs + local.us_of_day;
  if (zone_ == nullptr) return {local_us};
  const std::int64_t guess = local_us - range_offset_us_;
  if (guess - kJumpMaxUs >= range_begin_us_ && guess + kJumpMaxUs < range_end_us_) return {guess};
  return {resolve(as_zone(zone_), local_us)};
}

}  // namespace slipstream
