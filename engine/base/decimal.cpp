// Arithmetic of Decimal. Every operation tries 128-bit integers first (the hot path) and falls back to 256
// bits, wide enough for the exact product (76 digits) and for any dividend of divide() (74 digits).
#include "engine/base/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "engine/base/ascii.h"

namespace slipstream {
namespace {

using Wide = boost::multiprecision::uint256_t;

constexpr int kDivisionScale = 16;

constexpr bool fits(Int128 units) { return Decimal::from_units(units, 0).has_valid_precision(); }

// Quotient rounded half-even; divisor positive. Works on magnitudes, so that the sign plays no part in
// rounding.
template <class Number>
Number divide_half_even(const Number& dividend, const Number& divisor) {
  Number quotient = dividend / divisor;
  const Number rest = dividend - quotient * divisor;
  const Number room = divisor - rest;
  const bool odd = (quotient & 1) != 0;
  if (rest > room || (rest == room && odd)) quotient += 1;
  return quotient;
}

// Trailing zeros of the fraction are dropped until the digits fit; nullopt when they never do.
std::optional<Decimal> shrink_to_fit(Wide value, bool negative, int scale) {
  const Wide limit = kPowersOfTen[Decimal::kPrecisionMax];
  while (value >= limit && scale > 0) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
    --scale;
  }
  if (value >= limit) return std::nullopt;
  return Decimal::from_units(with_sign(static_cast<UInt128>(value), negative), scale);
}

// Sum of operands whose aligned units leave 38 digits. Normalized first, so that only digits that matter
// count.
std::optional<Decimal> add_slowly(Decimal a, Decimal b) {
  const int scale = std::max(a.scale(), b.scale());
  const Wide left = Wide(magnitude(a.units())) * kPowersOfTen[static_cast<std::size_t>(scale - a.scale())];
  const Wide right = Wide(magnitude(b.units())) * kPowersOfTen[static_cast<std::size_t>(scale - b.scale())];
  if (a.sign() * b.sign() >= 0) return shrink_to_fit(left + right, a.sign() < 0 || b.sign() < 0, scale);
  if (left >= right) return shrink_to_fit(left - right, a.sign() < 0, scale);
  return shrink_to_fit(right - left, b.sign() < 0, scale);
}

std::optional<Decimal> multiply_slowly(Decimal a, Decimal b) {
  Wide product = Wide(magnitude(a.units())) * Wide(magnitude(b.units()));
  int scale = a.scale() + b.scale();
  if (scale > Decimal::kScaleMax) {
    product =
        divide_half_even<Wide>(product, kPowersOfTen[static_cast<std::size_t>(scale - Decimal::kScaleMax)]);
    scale = Decimal::kScaleMax;
  }
  return shrink_to_fit(product, a.sign() * b.sign() < 0, scale);
}

Error syntax_error(std::string_view text) {
  return {ErrorCode::syntax,
          fmt::format("'{}' is not a number; write it like -12.50 or 1e3", text.substr(0, 64))};
}
Error range_error(std::string_view text) {
  return {ErrorCode::number_out_of_range,
          fmt::format("number '{}' has more than {} digits or {} decimals", text.substr(0, 64),
                      Decimal::kPrecisionMax, Decimal::kScaleMax)};
}

// A number of at most 18 digits without exponent, which is nearly every number: no overflow is possible.
std::optional<Decimal> parse_short(std::string_view text) {
  constexpr std::size_t kTextMax = 18;
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) ++at;
  if (text.size() - at > kTextMax || at == text.size()) return std::nullopt;
  std::int64_t units = 0;
  const std::size_t whole = at;
  for (; at < text.size() && is_digit(text[at]); ++at)
    units = units * 10 + (text[at] - '0');
  std::size_t digits = at - whole;
  int scale = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = ++at;
    for (; at < text.size() && is_digit(text[at]); ++at)
      units = units * 10 + (text[at] - '0');
    scale = static_cast<int>(at - fraction);
    digits += at - fraction;
  }
  if (digits == 0 || at != text.size()) return std::nullopt;
  return Decimal::from_units(negative ? -units : units, scale);
}

// The significant digits of a number: mantissa * 10^exponent, the mantissa without trailing zeros.
struct Digits {
  UInt128 mantissa = 0;
  std::int64_t exponent = 0;
  std::int64_t written_scale = 0;
  bool negative = false;
  bool overflow = false;
};

// Collects digits; zeros wait until a digit behind them makes them significant.
class DigitCollector {
 public:
  void add(char digit) {
    ++seen_;
    if (digit == '0') {
      ++waiting_zeros_;
      return;
    }
    if (mantissa_ == 0) waiting_zeros_ = 0;
    digits_ += waiting_zeros_ + 1;
    if (digits_ <= kPowerOfTenMax)
      mantissa_ = mantissa_ * kPowersOfTen[static_cast<std::size_t>(waiting_zeros_ + 1)] +
                  static_cast<UInt128>(digit - '0');
    waiting_zeros_ = 0;
  }
  std::int64_t seen() const { return seen_; }
  std::int64_t waiting_zeros() const { return waiting_zeros_; }
  UInt128 mantissa() const { return mantissa_; }
  bool overflow() const { return digits_ > kPowerOfTenMax; }

 private:
  UInt128 mantissa_ = 0;
  std::int64_t digits_ = 0, waiting_zeros_ = 0, seen_ = 0;
};

// [sign] digits, at least one; far exponents are cut off where every non-zero number is out of range anyway.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  constexpr std::int64_t kFar = 1'000'000'000'000;
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) ++at;
  if (at == text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    value = std::min(kFar, value * 10 + (text[at] - '0'));
  }
  return negative ? -value : value;
}

std::optional<Digits> scan(std::string_view text) {
  Digits result;
  std::size_t at = 0;
  result.negative = !text.empty() && text[0] == '-';
  if (result.negative || (!text.empty() && text[0] == '+')) ++at;
  DigitCollector collector;
  for (; at < text.size() && is_digit(text[at]); ++at)
    collector.add(text[at]);
  const std::int64_t whole = collector.seen();
  if (at < text.size() && text[at] == '.')
    for (++at; at < text.size() && is_digit(text[at]); ++at)
      collector.add(text[at]);
  if (collector.seen() == 0) return std::nullopt;
  std::int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const auto parsed = parse_exponent(text.substr(at + 1));
    if (!parsed) return std::nullopt;
    exponent = *parsed;
    at = text.size();
  }
  if (at != text.size()) return std::nullopt;
  result.written_scale = collector.seen() - whole - exponent;
  result.mantissa = collector.mantissa();
  result.exponent = collector.waiting_zeros() - result.written_scale;
  result.overflow = collector.overflow();
  return result;
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  if (const auto quick = parse_short(text)) return *quick;
  const auto digits = scan(text);
  if (!digits) return tl::unexpected<Error>(syntax_error(text));
  if (digits->mantissa == 0) {
    return Decimal(0, static_cast<int>(std::clamp<std::int64_t>(digits->written_scale, 0, kScaleMax)));
  }
  if (digits->overflow || digits->exponent < -kScaleMax || digits->exponent >= kPrecisionMax)
    return tl::unexpected<Error>(range_error(text));
  Decimal value(with_sign(digits->mantissa, digits->negative), 0);
  if (digits->exponent < 0) {
    value.scale_ = static_cast<int>(-digits->exponent);
  } else {
    Int128 units = 0;
    if (__builtin_mul_overflow(value.units_, power_of_ten(static_cast<int>(digits->exponent)), &units) ||
        !fits(units))
      return tl::unexpected<Error>(range_error(text));
    value.units_ = units;
  }
  const auto written = static_cast<int>(std::clamp<std::int64_t>(digits->written_scale, 0, kScaleMax));
  return value.rescaled(std::max(written, value.scale_)).value_or(value);
}

Decimal Decimal::normalized() const {
  Decimal value = *this;
  while (value.scale_ > 0 && value.units_ % 10 == 0) {
    value.units_ /= 10;
    --value.scale_;
  }
  return value;
}

std::optional<Decimal> Decimal::rescaled(int scale) const {
  if (scale == scale_) return *this;
  if (scale < 0 || scale > kScaleMax) return std::nullopt;
  if (scale < scale_) {
    const Int128 divisor = power_of_ten(scale_ - scale);
    if (units_ % divisor != 0) return std::nullopt;
    return Decimal(units_ / divisor, scale);
  }
  Int128 units = 0;
  if (__builtin_mul_overflow(units_, power_of_ten(scale - scale_), &units) || !fits(units))
    return std::nullopt;
  return Decimal(units, scale);
}

Decimal Decimal::rounded(int scale) const {
  scale = std::clamp(scale, 0, kScaleMax);
  if (scale >= scale_) return rescaled(scale).value_or(*this);
  const UInt128 divisor = kPowersOfTen[static_cast<std::size_t>(scale_ - scale)];
  return {with_sign(divide_half_even<UInt128>(magnitude(units_), divisor), units_ < 0), scale};
}

double Decimal::to_double() const {
  return static_cast<double>(units_) / static_cast<double>(kPowersOfTen[static_cast<std::size_t>(scale_)]);
}

std::optional<std::int64_t> Decimal::to_integer() const {
  const auto whole = rescaled(0);
  if (!whole || whole->units_ > INT64_MAX || whole->units_ < INT64_MIN) return std::nullopt;
  return static_cast<std::int64_t>(whole->units_);
}

std::string Decimal::to_string() const {
  std::string digits = slipstream::to_string(static_cast<Int128>(magnitude(units_)));
  const auto decimals = static_cast<std::size_t>(scale_);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  if (units_ < 0) digits.insert(0, 1, '-');
  return digits;
}

std::optional<Decimal> Decimal::add_unlike(Decimal a, Decimal b) {
  const int scale = std::max(a.scale_, b.scale_);
  const auto left = a.rescaled(scale);
  const auto right = b.rescaled(scale);
  Int128 sum = 0;
  if (!left || !right || __builtin_add_overflow(left->units_, right->units_, &sum) || !fits(sum))
    return add_slowly(a, b);
  return Decimal(sum, scale);
}

std::optional<Decimal> Decimal::multiply(Decimal a, Decimal b) {
  Int128 product = 0;
  const int scale = a.scale_ + b.scale_;
  if (scale > kScaleMax || __builtin_mul_overflow(a.units_, b.units_, &product) || !fits(product))
    return multiply_slowly(a, b);
  return Decimal(product, scale);
}

std::optional<Decimal> Decimal::divide(Decimal a, Decimal b) {
  if (b.is_zero()) return std::nullopt;
  const int scale = std::max({kDivisionScale, a.scale_, b.scale_});
  const int shift = scale + b.scale_ - a.scale_;  // from 0 to 36
  const bool negative = a.sign() * b.sign() < 0;
  const UInt128 divisor = magnitude(b.units_);
  const UInt128 factor = kPowersOfTen[static_cast<std::size_t>(shift)];
  UInt128 dividend = 0;
  if (!__builtin_mul_overflow(magnitude(a.units_), factor, &dividend)) {
    const UInt128 quotient = divide_half_even<UInt128>(dividend, divisor);
    if (quotient < kPowersOfTen[kPrecisionMax]) return Decimal(with_sign(quotient, negative), scale);
  }
  const Wide wide = Wide(magnitude(a.units_)) * Wide(factor);
  return shrink_to_fit(divide_half_even<Wide>(wide, Wide(divisor)), negative, scale);
}

std::strong_ordering Decimal::compare_unlike(Decimal a, Decimal b) {
  Int128 aligned = 0;
  // An overflow means a magnitude above every 128-bit number, so its sign decides.
  if (a.scale_ < b.scale_) {
    if (__builtin_mul_overflow(a.units_, power_of_ten(b.scale_ - a.scale_), &aligned)) return a.sign() <=> 0;
    return aligned <=> b.units_;
  }
  if (__builtin_mul_overflow(b.units_, power_of_ten(a.scale_ - b.scale_), &aligned)) return 0 <=> b.sign();
  return a.units_ <=> aligned;
}

std::string to_string(Int128 value) {
  std::array<char, 40> text{};  // 39 digits and a sign
  auto* at = text.data() + text.size();
  UInt128 rest = magnitude(value);
  do {
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--at = '-';
  return {at, text.data() + text.size()};
}

}  // namespace slipstream
