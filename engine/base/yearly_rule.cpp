// Reading POSIX TZ strings and placing their changes in a year.
#include "engine/base/yearly_rule.h"

#include <algorithm>

#include "engine/base/ascii.h"
#include "engine/base/time.h"

namespace slipstream {
namespace {

bool take(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

// "CET" or "<+0330>".
bool take_name(std::string_view& rest) {
  std::size_t length = 0;
  if (rest.starts_with('<')) {
    length = rest.find('>');
    if (length == std::string_view::npos) return false;
    rest.remove_prefix(length + 1);
    return true;
  }
  while (length < rest.size() && !is_digit(rest[length]) && rest[length] != '-' && rest[length] != '+' &&
         rest[length] != ',')
    ++length;
  rest.remove_prefix(length);
  return length >= 3;
}

bool take_number(std::string_view& rest, std::int32_t& number) {
  if (rest.empty() || !is_digit(rest.front())) return false;
  for (number = 0; !rest.empty() && is_digit(rest.front()) && number < 1000; rest.remove_prefix(1))
    number = number * 10 + (rest.front() - '0');
  return true;
}

// [sign] hours [:minutes [:seconds]]
bool take_time(std::string_view& rest, std::int64_t& us) {
  const bool negative = take(rest, '-');
  if (!negative) take(rest, '+');
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  if (!take_number(rest, hour)) return false;
  if (take(rest, ':') && !take_number(rest, minute)) return false;
  if (take(rest, ':') && !take_number(rest, second)) return false;
  us = hours(hour).us + minutes(minute).us + seconds(second).us;
  if (negative) us = -us;
  return true;
}

// ",Mm.w.d[/time]"
bool take_change(std::string_view& rest, YearlyChange& change) {
  if (!take(rest, ',') || !take(rest, 'M') || !take_number(rest, change.month) || !take(rest, '.') ||
      !take_number(rest, change.week) || !take(rest, '.') || !take_number(rest, change.weekday))
    return false;
  change.local_us = hours(2).us;
  if (take(rest, '/') && !take_time(rest, change.local_us)) return false;
  return change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 &&
         change.weekday <= 6;
}

std::int64_t local_us_of(const YearlyChange& change, std::int32_t year) {
  const auto month = static_cast<std::uint8_t>(change.month);
  const std::int64_t first = days_since_epoch({year, month, 1});
  const std::int64_t weekday_of_first = ((first + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  std::int64_t day = (change.weekday - weekday_of_first + 7) % 7 + (change.week - 1) * 7;
  if (day >= days_in_month(year, month)) day -= 7;
  return (first + day) * days(1).us + change.local_us;
}

}  // namespace

std::array<OffsetChange, 2> YearlyRule::changes_of(std::int32_t year) const {
  std::array<OffsetChange, 2> changes{{{local_us_of(to_summer, year) - standard_us, summer_us},
                                       {local_us_of(to_standard, year) - summer_us, standard_us}}};
  if (changes[1].utc_us < changes[0].utc_us) std::swap(changes[0], changes[1]);
  return changes;
}

std::optional<YearlyRule> parse_yearly_rule(std::string_view posix_tz) {
  YearlyRule rule;
  std::int64_t west_us = 0;
  if (!take_name(posix_tz) || !take_time(posix_tz, west_us)) return std::nullopt;
  rule.standard_us = -west_us;
  if (!take_name(posix_tz)) return std::nullopt;
  rule.summer_us = rule.standard_us + hours(1).us;
  if (!posix_tz.starts_with(',')) {
    if (!take_time(posix_tz, west_us)) return std::nullopt;
    rule.summer_us = -west_us;
  }
  if (!take_change(posix_tz, rule.to_summer) || !take_change(posix_tz, rule.to_standard) || !posix_tz.empty())
    return std::nullopt;
  return rule;
}

}  // namespace slipstream
