// The proleptic Gregorian calendar. Zones are in zone.cpp, texts in time_text.cpp.
#include "engine/base/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

constexpr std::int64_t kYear1Us = -719'162 * days(1).us;       // 0001-01-01
constexpr std::int64_t kYear10000Us = 2'932'897 * days(1).us;  // 10000-01-01

constexpr bool is_leap(std::int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

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

}  // namespace slipstream
