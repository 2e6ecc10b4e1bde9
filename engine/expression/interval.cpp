// Intervals: arithmetic, comparison, reading and writing in PostgreSQL's style.
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <limits>

#include "engine/base/time.h"
#include "engine/expression/value.h"

namespace slipstream {
namespace {

constexpr std::int32_t kDaysPerMonth = 30;
// More than the representable years hold; beyond, adding saturates at once.
constexpr std::int64_t kMonthsMax = 12 * 10'000;
constexpr std::int64_t kDaysMax = 366 * 10'000;

Timestamp saturated(bool upwards) { return upwards ? Timestamp::max() : Timestamp::min(); }

template <class Number>
std::optional<Number> to_number(const Integer& value) {
  if (value < std::numeric_limits<Number>::min() || value > std::numeric_limits<Number>::max())
    return std::nullopt;
  return static_cast<Number>(value);
}

Integer whole_part(const Rational& value) { return numerator(value) / denominator(value); }

struct Unit {
  std::string_view name;
  Interval length;
};
constexpr std::array<Unit, 34> kUnits = {{
    {"year", {12, 0, 0}},
    {"years", {12, 0, 0}},
    {"y", {12, 0, 0}},
    {"month", {1, 0, 0}},
    {"months", {1, 0, 0}},
    {"mon", {1, 0, 0}},
    {"mons", {1, 0, 0}},
    {"week", {0, 7, 0}},
    {"weeks", {0, 7, 0}},
    {"w", {0, 7, 0}},
    {"day", {0, 1, 0}},
    {"days", {0, 1, 0}},
    {"d", {0, 1, 0}},
    {"hour", {0, 0, kHourUs}},
    {"hours", {0, 0, kHourUs}},
    {"h", {0, 0, kHourUs}},
    {"hr", {0, 0, kHourUs}},
    {"hrs", {0, 0, kHourUs}},
    {"minute", {0, 0, kMinuteUs}},
    {"minutes", {0, 0, kMinuteUs}},
    {"min", {0, 0, kMinuteUs}},
    {"mins", {0, 0, kMinuteUs}},
    {"m", {0, 0, kMinuteUs}},
    {"second", {0, 0, kSecondUs}},
    {"seconds", {0, 0, kSecondUs}},
    {"sec", {0, 0, kSecondUs}},
    {"secs", {0, 0, kSecondUs}},
    {"s", {0, 0, kSecondUs}},
    {"millisecond", {0, 0, 1'000}},
    {"milliseconds", {0, 0, 1'000}},
    {"ms", {0, 0, 1'000}},
    {"microsecond", {0, 0, 1}},
    {"microseconds", {0, 0, 1}},
    {"us", {0, 0, 1}},
}};

// Reads "quantity unit" pairs and a time of day from the front of a text.
class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) : rest_(text) {}

  std::optional<Interval> read() {
    skip_spaces();
    bool any = false;
    for (; !rest_.empty(); skip_spaces(), any = true) {
      if (any && take_word("ago")) return rest_.empty() ? negated() : std::nullopt;
      if (!read_part()) return std::nullopt;
    }
    return any ? std::optional(total_) : std::nullopt;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ')
      rest_.remove_prefix(1);
  }
  std::string_view take_while(int (*matches)(int)) {
    std::size_t size = 0;
    while (size < rest_.size() && matches(static_cast<unsigned char>(rest_[size])) != 0)
      ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    const IntervalReader before = *this;
    const std::string taken = lower_word();
    if (taken == word) {
      skip_spaces();
      return true;
    }
    rest_ = before.rest_;
    return false;
  }
  std::string lower_word() {
    std::string word(take_while(std::isalpha));
    for (char& c : word)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return word;
  }
  std::optional<Interval> negated() const { return add_intervals({}, total_, -1); }

  bool add(Interval unit, const Rational& quantity) {
    const auto part = multiply_interval(unit, quantity);
    const auto sum = part ? add_intervals(total_, *part, 1) : std::nullopt;
    if (sum) total_ = *sum;
    return sum.has_value();
  }

  // [sign] digits [. digits] unit, or [sign] hours:minutes[:seconds[.fraction]].
  bool read_part() {
    const bool negative = take('-');
    if (!negative) take('+');
    const std::string_view whole = take_while(std::isdigit);
    if (take(':')) return read_clock(whole, negative);
    std::string digits(whole);
    if (take('.')) digits.append(".").append(take_while(std::isdigit));
    const auto quantity = Decimal::parse(digits);
    if (!quantity) return false;
    skip_spaces();
    const std::string word = lower_word();
    for (const Unit& unit : kUnits)
      if (unit.name == word) return add(unit.length, to_rational(negative ? quantity->negated() : *quantity));
    return false;
  }

  bool read_clock(std::string_view hours, bool negative) {
    const std::string_view minutes = take_while(std::isdigit);
    std::string seconds = "0";
    if (take(':')) {
      seconds = take_while(std::isdigit);
      if (seconds.size() > 2) return false;
      if (take('.')) seconds.append(".").append(take_while(std::isdigit));
    }
    if (minutes.empty() || minutes.size() > 2 || minutes.front() > '5' || seconds.front() > '5') return false;
    const int sign = negative ? -1 : 1;
    for (const auto& [text, unit] : {std::pair<std::string_view, std::int64_t>{hours, kHourUs},
                                     {minutes, kMinuteUs},
                                     {seconds, kSecondUs}}) {
      const auto quantity = Decimal::parse(text);
      if (!quantity || !add({0, 0, unit}, to_rational(*quantity) * sign)) return false;
    }
    return true;
  }

  std::string_view rest_;
  Interval total_;
};

// Appends "n unit", plural unless n is 1, with PostgreSQL's '+' after a negative part.
void append_part(std::string& out, std::int64_t number, std::string_view unit, bool& after_negative) {
  if (number == 0) return;
  if (!out.empty()) out += ' ';
  if (after_negative && number > 0) out += '+';
  fmt::format_to(std::back_inserter(out), "{} {}{}", number, unit, number == 1 ? "" : "s");
  after_negative = number < 0;
}

void append_clock(std::string& out, std::int64_t us, bool after_negative) {
  if (!out.empty()) out += ' ';
  if (us < 0)
    out += '-';
  else if (after_negative)
    out += '+';
  const std::uint64_t size = us < 0 ? 0 - static_cast<std::uint64_t>(us) : static_cast<std::uint64_t>(us);
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", size / kHourUs, size / kMinuteUs % 60,
                 size / kSecondUs % 60);
  if (const std::uint64_t fraction = size % kSecondUs; fraction != 0) {
    std::string digits = fmt::format(".{:06}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += digits;
  }
}

}  // namespace

Int128 comparable_us(Interval interval) {
  const std::int64_t all_days = std::int64_t{interval.months} * kDaysPerMonth + interval.days;
  return static_cast<Int128>(all_days) * kDayUs + interval.us;
}

std::optional<Interval> add_intervals(Interval a, Interval b, int sign) {
  Interval sum;
  const bool overflow = sign >= 0 ? __builtin_add_overflow(a.months, b.months, &sum.months) ||
                                        __builtin_add_overflow(a.days, b.days, &sum.days) ||
                                        __builtin_add_overflow(a.us, b.us, &sum.us)
                                  : __builtin_sub_overflow(a.months, b.months, &sum.months) ||
                                        __builtin_sub_overflow(a.days, b.days, &sum.days) ||
                                        __builtin_sub_overflow(a.us, b.us, &sum.us);
  if (overflow) return std::nullopt;
  return sum;
}

std::optional<Interval> multiply_interval(Interval interval, const Rational& factor) {
  const Rational months_exact = factor * interval.months;
  const Integer months = whole_part(months_exact);
  const Rational days_exact = factor * interval.days + (months_exact - months) * kDaysPerMonth;
  const Integer days = whole_part(days_exact);
  const Rational us_exact = factor * interval.us + (days_exact - days) * kDayUs;
  const auto months_fit = to_number<std::int32_t>(months);
  const auto days_fit = to_number<std::int32_t>(days);
  const auto us_fit = to_number<std::int64_t>(numerator(rounded(us_exact, 0)));
  if (!months_fit || !days_fit || !us_fit) return std::nullopt;
  return Interval{*months_fit, *days_fit, *us_fit};
}

Timestamp add_interval(Timestamp t, Interval interval, int sign, const Zone& zone) {
  const std::int64_t months = std::int64_t{interval.months} * sign;
  const std::int64_t day_count = std::int64_t{interval.days} * sign;
  if (!is_representable(t)) return saturated(t.us > 0);
  if (months > kMonthsMax || months < -kMonthsMax) return saturated(months > 0);
  if (day_count > kDaysMax || day_count < -kDaysMax) return saturated(day_count > 0);
  if (months != 0 || day_count != 0) {
    CivilTime local = zone.to_civil(t);
    if (months != 0) local.date = add_months(local.date, static_cast<std::int32_t>(months));
    if (day_count != 0) local.date = civil_from_days(days_since_epoch(local.date) + day_count);
    t = zone.to_timestamp(local);
  }
  std::int64_t us = 0;
  const bool overflow = sign >= 0 ? __builtin_add_overflow(t.us, interval.us, &us)
                                  : __builtin_sub_overflow(t.us, interval.us, &us);
  if (overflow) return saturated((interval.us > 0) == (sign >= 0));
  return is_representable({us}) ? Timestamp{us} : saturated(us > 0);
}

std::string format_interval(Interval interval) {
  std::int64_t day_count = interval.days;
  std::int64_t us = interval.us;
  if (day_count == 0 || (day_count > 0) == (us > 0)) {
    day_count += us / kDayUs;
    us %= kDayUs;
  }
  std::string out;
  bool after_negative = false;
  append_part(out, interval.months / 12, "year", after_negative);
  append_part(out, interval.months % 12, "mon", after_negative);
  append_part(out, day_count, "day", after_negative);
  if (us != 0 || out.empty()) append_clock(out, us, after_negative);
  return out;
}

Result<Interval> parse_interval(std::string_view text) {
  if (const auto interval = IntervalReader(text).read()) return *interval;
  return fail(ErrorCode::syntax,
              fmt::format("'{}' is not an interval; write it like '3 days', '1 month' or '01:30:00'",
                          text.substr(0, 64)));
}

}  // namespace slipstream
