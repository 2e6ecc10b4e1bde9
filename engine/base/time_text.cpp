// Reading and writing instants, dates and durations.
#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>

#include "engine/base/ascii.h"
#include "engine/base/time.h"

namespace slipstream {
namespace {

// Takes characters off the front of a text; every take says whether it was there.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool peek_digit() const { return is_digit(peek()); }
  bool take(char expected) {
    if (peek() != expected || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char take_any() {
    const char front = rest_.front();
    rest_.remove_prefix(1);
    return front;
  }
  // Exactly `count` digits.
  bool take_number(int count, std::int32_t& number) {
    number = 0;
    for (int i = 0; i < count; ++i) {
      if (!peek_digit()) return false;
      number = number * 10 + (take_any() - '0');
    }
    return true;
  }
  // Digits after the point, as microseconds; beyond six only zeros.
  bool take_fraction(std::int64_t& us) {
    if (!peek_digit()) return false;
    us = 0;
    for (std::int64_t unit = kSecondUs / 10; peek_digit(); unit /= 10) {
      const char digit = take_any();
      if (unit == 0 && digit != '0') return false;
      us += unit * (digit - '0');
    }
    return true;
  }
  void skip_spaces() {
    while (take(' ') || take('\t'))
      continue;
  }
  std::string_view take_word() {
    std::size_t length = 0;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])) != 0)
      ++length;
    const auto word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  std::string_view rest_;
};

Error timestamp_syntax(std::string_view text) {
  return {ErrorCode::syntax,
          fmt::format("'{}' is not an RFC 3339 timestamp; write it like 2010-10-01T09:30:00+02:00",
                      text.substr(0, 64))};
}
Error timestamp_range(std::string_view text) {
  return {ErrorCode::invalid_timestamp,
          fmt::format("'{}' names a date or time that does not exist or is outside the years 0001 to 9999",
                      text.substr(0, 64))};
}

bool exists(CivilDate date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

// The date's shape; whether it exists is asked apart, so that the two errors differ.
bool take_date(TextCursor& cursor, CivilDate& date) {
  std::int32_t month = 0;
  std::int32_t day = 0;
  if (!cursor.take_number(4, date.year) || !cursor.take('-') || !cursor.take_number(2, month) ||
      !cursor.take('-') || !cursor.take_number(2, day))
    return false;
  date.month = static_cast<std::uint8_t>(month);
  date.day = static_cast<std::uint8_t>(day);
  return true;
}

struct ClockTime {
  std::int32_t hour = 0, minute = 0, second = 0;
  std::int64_t fraction_us = 0;
  // A leap second reads as the first instant of the next minute, as PostgreSQL does.
  bool exists() const { return hour <= 23 && minute <= 59 && second <= 60; }
  std::int64_t us() const { return hour * kHourUs + minute * kMinuteUs + second * kSecondUs + fraction_us; }
};

bool take_clock_time(TextCursor& cursor, ClockTime& time) {
  if (!cursor.take_number(2, time.hour) || !cursor.take(':') || !cursor.take_number(2, time.minute))
    return false;
  if (!cursor.take(':')) return true;
  if (!cursor.take_number(2, time.second)) return false;
  return !cursor.take('.') || cursor.take_fraction(time.fraction_us);
}

// "Z", "+02:00", "+0200" or "+02", as microseconds to subtract; nullopt inside when there is none.
bool take_offset(TextCursor& cursor, std::optional<std::int64_t>& offset_us) {
  if (cursor.take('Z') || cursor.take('z')) {
    offset_us = 0;
    return true;
  }
  const bool negative = cursor.peek() == '-';
  if (!cursor.take('-') && !cursor.take('+')) return true;
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  if (!cursor.take_number(2, hour) || hour > 23) return false;
  const bool colon = cursor.take(':');
  if ((colon || !cursor.at_end()) && (!cursor.take_number(2, minute) || minute > 59)) return false;
  const std::int64_t size = hour * kHourUs + minute * kMinuteUs;
  offset_us = negative ? -size : size;
  return true;
}

bool has_only_date(std::string_view text) { return text.size() == 10; }

// Offset printed in whole minutes (RFC 3339 knows no seconds); historic offsets are cut to a minute, and the
// local time beside it with them, so that the instant stays exact.
std::string format_with_offset(Timestamp t, std::int64_t offset_us, std::string_view offset_text) {
  const Zone utc;
  std::int64_t local_us = 0;
  if (__builtin_add_overflow(t.us, offset_us, &local_us)) local_us = t.us;
  const CivilTime local = utc.to_civil({local_us});
  const std::int64_t second = local.us_of_day / kSecondUs;
  const std::int64_t fraction = local.us_of_day % kSecondUs;
  std::string text = fmt::format(FMT_COMPILE("{}T{:02}:{:02}:{:02}"), format_date(local.date), second / 3600,
                                 second / 60 % 60, second % 60);
  if (fraction % 1000 != 0) {
    text += fmt::format(FMT_COMPILE(".{:06}"), fraction);
  } else if (fraction != 0) {
    text += fmt::format(FMT_COMPILE(".{:03}"), fraction / 1000);
  }
  return text.append(offset_text);
}

}  // namespace

Result<CivilDate> parse_date(std::string_view text) {
  TextCursor cursor(text);
  CivilDate date;
  if (!take_date(cursor, date) || !cursor.at_end())
    return fail(ErrorCode::syntax,
                fmt::format("'{}' is not a date; write it like 2010-10-01", text.substr(0, 64)));
  if (!exists(date)) return tl::unexpected<Error>(timestamp_range(text));
  return date;
}

Result<Timestamp> parse_timestamp(std::string_view text, const Zone* zone) {
  TextCursor cursor(text);
  CivilDate date;
  if (!take_date(cursor, date)) return tl::unexpected<Error>(timestamp_syntax(text));
  ClockTime time;
  std::optional<std::int64_t> offset_us;
  if (!cursor.at_end()) {
    if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' '))
      return tl::unexpected<Error>(timestamp_syntax(text));
    if (!take_clock_time(cursor, time) || !take_offset(cursor, offset_us) || !cursor.at_end())
      return tl::unexpected<Error>(timestamp_syntax(text));
  }
  if (!exists(date) || !time.exists()) return tl::unexpected<Error>(timestamp_range(text));
  if (!offset_us && zone == nullptr)
    return fail(ErrorCode::syntax,
                fmt::format("'{}' has no zone offset; add Z or one like +02:00", text.substr(0, 64)));
  // time.us() may reach into the next day by a leap second; civil time is linear, so days carry it.
  const std::int64_t local_us = days_since_epoch(date) * kDayUs + time.us();
  const Timestamp t =
      offset_us ? Timestamp{local_us - *offset_us} : zone->to_timestamp(Zone().to_civil({local_us}));
  if (!is_representable(t)) return tl::unexpected<Error>(timestamp_range(text));
  return t;
}

Result<Timestamp> parse_deadline(std::string_view text, const Zone& zone) {
  if (!has_only_date(text)) return parse_timestamp(text, &zone);
  SLIPSTREAM_ASSIGN(const CivilDate date, parse_date(text));
  const Timestamp end = zone.start_of_day(civil_from_days(days_since_epoch(date) + 1));
  if (!is_representable(end)) return tl::unexpected<Error>(timestamp_range(text));
  return end;
}

std::string format_timestamp(Timestamp t) { return format_with_offset(t, 0, "Z"); }

std::string format_timestamp(Timestamp t, const Zone& zone) {
  const std::int64_t offset_minutes = (zone.civil_us(t) - t.us) / kMinuteUs;
  const std::int64_t size = std::abs(offset_minutes);
  return format_with_offset(
      t, offset_minutes * kMinuteUs,
      fmt::format(FMT_COMPILE("{}{:02}:{:02}"), offset_minutes < 0 ? '-' : '+', size / 60, size % 60));
}

std::string format_date(CivilDate date) {
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}"), date.year, date.month, date.day);
}

namespace {

struct UnitName {
  std::string_view name;
  std::int64_t us;
};
constexpr UnitName kUnits[] = {
    {"us", 1},
    {"microsecond", 1},
    {"ms", 1'000},
    {"msec", 1'000},
    {"millisecond", 1'000},
    {"s", kSecondUs},
    {"sec", kSecondUs},
    {"second", kSecondUs},
    {"min", kMinuteUs},
    {"minute", kMinuteUs},
    {"h", kHourUs},
    {"hr", kHourUs},
    {"hour", kHourUs},
    {"d", kDayUs},
    {"day", kDayUs},
    {"w", 7 * kDayUs},
    {"week", 7 * kDayUs},
};

std::optional<std::int64_t> unit_us(std::string word) {
  for (char& c : word)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const UnitName& unit : kUnits)
    if (word == unit.name || (unit.name.size() > 2 && word == std::string(unit.name) + "s") ||
        (word == "hrs" && unit.name == "hr"))
      return unit.us;
  return std::nullopt;
}

Error duration_error(std::string_view text) {
  return {ErrorCode::syntax,
          fmt::format("'{}' is not a duration of fixed length; write it like 3 days, 1 day 02:00:00 or "
                      "15 minutes",
                      text.substr(0, 64))};
}

// The rest of "HH:MM[:SS[.ffffff]]" after the hours.
bool take_rest_of_clock(TextCursor& cursor, std::int64_t hours, std::int64_t& us) {
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int64_t fraction = 0;
  if (!cursor.take_number(2, minute) || minute > 59) return false;
  if (cursor.take(':')) {
    if (!cursor.take_number(2, second) || second > 59) return false;
    if (cursor.take('.') && !cursor.take_fraction(fraction)) return false;
  }
  const std::int64_t below_hour = minute * kMinuteUs + second * kSecondUs + fraction;
  return !__builtin_mul_overflow(hours, kHourUs, &us) && !__builtin_add_overflow(us, below_hour, &us);
}

// One "3 days" or "02:00:00" with its sign, added to the sum.
bool take_term(TextCursor& cursor, std::int64_t& sum_us) {
  const bool negative = cursor.take('-');
  if (!negative) cursor.take('+');
  if (!cursor.peek_digit()) return false;
  std::int64_t number = 0;
  while (cursor.peek_digit())
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, cursor.take_any() - '0', &number))
      return false;
  std::int64_t term = 0;
  if (cursor.take(':')) {
    if (!take_rest_of_clock(cursor, number, term)) return false;
  } else {
    cursor.skip_spaces();
    const auto unit = unit_us(std::string(cursor.take_word()));
    if (!unit || __builtin_mul_overflow(number, *unit, &term)) return false;
  }
  return !__builtin_add_overflow(sum_us, negative ? -term : term, &sum_us);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  TextCursor cursor(text);
  std::int64_t sum_us = 0;
  cursor.skip_spaces();
  do {
    if (!take_term(cursor, sum_us)) return tl::unexpected<Error>(duration_error(text));
    cursor.skip_spaces();
  } while (!cursor.at_end());
  return Duration{sum_us};
}

std::string format_duration(Duration d) {
  const std::int64_t whole_days = d.us / kDayUs;
  const std::int64_t rest = std::abs(d.us % kDayUs);
  std::string text;
  if (whole_days != 0) text = fmt::format("{} day{}", whole_days, whole_days == 1 ? "" : "s");
  if (rest == 0 && whole_days != 0) return text;
  if (whole_days != 0) text += ' ';
  if (d.us < 0) text += '-';
  text += fmt::format("{:02}:{:02}:{:02}", rest / kHourUs, rest / kMinuteUs % 60, rest / kSecondUs % 60);
  if (rest % kSecondUs != 0) text += fmt::format(".{:06}", rest % kSecondUs);
  return text;
}

}  // namespace slipstream
