// Reading, rounding and printing exact fractions. Texts are bounded in length, since the cost of reading one
// grows with the square of its digits.
#include "engine/base/rational.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "engine/base/ascii.h"

namespace slipstream {
namespace {

constexpr std::size_t kTextMax = 4096;
constexpr int kRoundedDigits = 6;
constexpr std::size_t kNarrowDigits = 18;  // below 2^63, whatever they are
constexpr int kExponentMax = 1000;

// Whether a narrow numerator times 10^digits stays below 2^127.
bool is_scaled_in_128_bits(const Rational& value, int digits) {
  return value.is_narrow() && digits <= Decimal::kScaleMax;
}

// The quotient or the next greater one: half-even.
template <class Unsigned>
bool rounds_up(const Unsigned& quotient, const Unsigned& twice_the_rest, const Unsigned& divisor) {
  return twice_the_rest > divisor || (twice_the_rest == divisor && (quotient & 1) != 0);
}

// value * 10^digits, rounded half-even to an integer. The first for what is_scaled_in_128_bits().
Int128 narrow_scaled_half_even(const Rational& value, int digits) {
  const UInt128 dividend = magnitude(value.narrow_numerator() * power_of_ten(digits));
  const auto divisor = static_cast<UInt128>(value.narrow_denominator());
  const UInt128 quotient = dividend / divisor, rest = dividend % divisor;
  return with_sign(quotient + (rounds_up<UInt128>(quotient, rest * 2, divisor) ? 1 : 0), value.sign() < 0);
}
Integer scaled_half_even(const Rational& value, int digits) {
  const Integer dividend = abs(numerator(value)) * unbounded_power_of_ten(digits);
  const Integer divisor = denominator(value);
  Integer quotient;
  Integer rest;
  boost::multiprecision::divide_qr(dividend, divisor, quotient, rest);
  if (rounds_up<Integer>(quotient, rest * 2, divisor)) ++quotient;
  return value.sign() < 0 ? Integer(-quotient) : quotient;
}

std::string with_point(std::string text, int digits, bool negative) {
  const auto decimals = static_cast<std::size_t>(digits);
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
  if (negative) text.insert(0, 1, '-');
  return text;
}

// How many digits after the point write 1 / denominator exactly; nullopt: more than kScaleMax, or any number of them.
std::optional<int> digits_of_part(std::int64_t denominator) {
  const int twos = std::countr_zero(static_cast<std::uint64_t>(denominator));
  std::int64_t rest = denominator >> twos;
  int fives = 0;
  for (; rest % 5 == 0; rest /= 5)
    ++fives;
  const int digits = std::max(twos, fives);
  return rest == 1 && digits <= Decimal::kScaleMax ? std::optional(digits) : std::nullopt;
}
std::optional<int> digits_of_part(const Integer& denominator) {
  int digits = 0;
  for (Integer power = 1; power % denominator != 0; power *= 10)
    if (++digits > Decimal::kScaleMax) return std::nullopt;
  return digits;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// cpp_int would read a leading zero as octal.
Integer integer_of(std::string_view digits) {
  const auto first = std::min(digits.find_first_not_of('0'), digits.size());
  return first == digits.size() ? Integer(0) : Integer(std::string(digits.substr(first)));
}

Error syntax_error(const std::string& text) {
  return {ErrorCode::syntax,
          fmt::format("'{}' is not a number; write a decimal like 12.5 or a fraction like 25/2",
                      text.substr(0, 64))};
}

std::optional<int> exponent_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!all_digits(text)) return std::nullopt;
  int value = 0;
  for (const char c : text)
    value = std::min(kExponentMax + 1, value * 10 + (c - '0'));
  return negative ? -value : value;
}

Result<Rational> parse_decimal(const std::string& text, std::string_view digits) {
  int exponent = 0;
  if (const auto mark = digits.find_first_of("eE"); mark != std::string_view::npos) {
    const auto parsed = exponent_of(digits.substr(mark + 1));
    if (!parsed) return tl::unexpected<Error>(syntax_error(text));
    exponent = *parsed;
    digits = digits.substr(0, mark);
  }
  if (std::abs(exponent) > kExponentMax)
    return fail(ErrorCode::number_out_of_range,
                fmt::format("the exponent of '{}' is too large", text.substr(0, 64)));
  std::string joined(digits);
  if (const auto point = joined.find('.'); point != std::string::npos) {
    joined.erase(point, 1);
    exponent -= static_cast<int>(joined.size() - point);
  }
  if (!all_digits(joined)) return tl::unexpected<Error>(syntax_error(text));
  if (joined.size() <= kNarrowDigits && std::abs(exponent) <= Decimal::kScaleMax) {
    std::int64_t mantissa = 0;
    for (const char digit : joined)
      mantissa = mantissa * 10 + (digit - '0');
    return exponent < 0 ? Rational(mantissa, power_of_ten(-exponent))
                        : Rational(mantissa * power_of_ten(exponent));
  }
  const Integer mantissa = integer_of(joined);
  return exponent < 0 ? Rational(mantissa, unbounded_power_of_ten(-exponent))
                      : Rational(Integer(mantissa * unbounded_power_of_ten(exponent)));
}

}  // namespace

std::string format_rational(const Rational& value, int digits) {
  if (is_scaled_in_128_bits(value, digits)) {
    const Int128 scaled = narrow_scaled_half_even(value, digits);
    return with_point(fmt::format(FMT_COMPILE("{}"), magnitude(scaled)), digits, scaled < 0);
  }
  const Integer scaled = scaled_half_even(value, digits);
  return with_point(Integer(abs(scaled)).str(), digits, scaled < 0);
}

std::string format_rational(const Rational& value) {
  const auto digits =
      value.is_narrow() ? digits_of_part(value.narrow_denominator()) : digits_of_part(denominator(value));
  return format_rational(value, digits.value_or(kRoundedDigits));
}

std::string exact_text(const Rational& value) {
  if (value.is_narrow())
    return fmt::format(FMT_COMPILE("{}/{}"), value.narrow_numerator(), value.narrow_denominator());
  return numerator(value).str() + "/" + denominator(value).str();
}

Result<Rational> parse_rational(const std::string& text) {
  if (text.size() > kTextMax)
    return fail(ErrorCode::number_out_of_range,
                fmt::format("a number of {} characters; at most {}", text.size(), kTextMax));
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  Rational value;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    const auto numerator = rest.substr(0, slash);
    const auto denominator = rest.substr(slash + 1);
    if (!all_digits(numerator) || !all_digits(denominator) || integer_of(denominator) == 0)
      return tl::unexpected<Error>(syntax_error(text));
    value = Rational(integer_of(numerator), integer_of(denominator));
  } else {
    SLIPSTREAM_ASSIGN(value, parse_decimal(text, rest));
  }
  return negative ? Rational(-value) : value;
}

Rational rounded(const Rational& value, int digits) {
  if (is_scaled_in_128_bits(value, digits))
    return {narrow_scaled_half_even(value, digits), power_of_ten(digits)};
  return {scaled_half_even(value, digits), unbounded_power_of_ten(digits)};
}

}  // namespace slipstream
