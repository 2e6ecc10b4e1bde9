// Reading, rounding and printing exact fractions. Texts are bounded in length, since the cost of reading one
// grows with the square of its digits.
#include "engine/base/rational.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/ascii.h"

namespace slipstream {
namespace {

constexpr std::size_t kTextMax = 4096;
constexpr int kRoundedDigits = 6;
constexpr int kExponentMax = 1000;

Integer power_of_ten(int exponent) {
  return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent));
}

// value * 10^digits, rounded half-even to an integer.
Integer scaled_half_even(const Rational& value, int digits) {
  const Integer numerator = boost::multiprecision::numerator(value) * power_of_ten(digits);
  const Integer denominator = boost::multiprecision::denominator(value);
  Integer quotient;
  Integer rest;
  boost::multiprecision::divide_qr(Integer(abs(numerator)), denominator, quotient, rest);
  const int side = Integer(rest * 2).compare(denominator);
  if (side > 0 || (side == 0 && boost::multiprecision::bit_test(quotient, 0))) ++quotient;
  return numerator < 0 ? Integer(-quotient) : quotient;
}

std::string with_point(const Integer& scaled, int digits) {
  std::string text = Integer(abs(scaled)).str();
  const auto decimals = static_cast<std::size_t>(digits);
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  if (decimals > 0) text.insert(text.size() - decimals, 1, '.');
  if (scaled < 0) text.insert(0, 1, '-');
  return text;
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
  const Integer mantissa = integer_of(joined);
  return exponent < 0 ? Rational(mantissa, power_of_ten(-exponent))
                      : Rational(mantissa * power_of_ten(exponent));
}

}  // namespace

Rational to_rational(Decimal value) { return {Integer(value.units()), power_of_ten(value.scale())}; }

std::string format_rational(const Rational& value, int digits) {
  return with_point(scaled_half_even(value, digits), digits);
}

std::string format_rational(const Rational& value) {
  const Integer denominator = boost::multiprecision::denominator(value);
  int digits = 0;
  for (Integer power = 1; power % denominator != 0; power *= 10)
    if (++digits > Decimal::kScaleMax) return format_rational(value, kRoundedDigits);
  return format_rational(value, digits);
}

std::string exact_text(const Rational& value) {
  return boost::multiprecision::numerator(value).str() + "/" +
         boost::multiprecision::denominator(value).str();
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
  return {scaled_half_even(value, digits), power_of_ten(digits)};
}

}  // namespace slipstream
