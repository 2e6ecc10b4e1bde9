// Arithmetic of Decimal and Rational that the base does not have.
#include "engine/expression/numbers.h"

#include <algorithm>

namespace slipstream {
namespace {

enum class Cut { towards_zero, half_away_from_zero };

// `units` divided by 10^digits.
Int128 cut_digits(Int128 units, int digits, Cut cut) {
  if (digits > kPowerOfTenMax) return 0;
  const Int128 power = power_of_ten(digits);
  const Int128 quotient = units / power;
  const Int128 rest = units % power;
  const Int128 size = rest < 0 ? -rest : rest;
  if (cut == Cut::towards_zero || size < power - size) return quotient;
  return quotient + (units < 0 ? -1 : 1);
}

std::optional<Decimal> cut_decimal(Decimal value, std::int64_t wanted_digits, Cut cut) {
  const int digits = static_cast<int>(std::clamp(wanted_digits, -kRoundDigitsMax, kRoundDigitsMax));
  if (digits >= value.scale()) return value;
  const Int128 kept = cut_digits(value.units(), value.scale() - digits, cut);
  if (digits >= 0) return Decimal::from_units(kept, digits);
  if (kept == 0) return Decimal(0);
  return Decimal::multiply(Decimal::from_units(kept, 0), Decimal::from_units(power_of_ten(-digits), 0));
}

std::optional<Rational> bounded(Rational value) {
  if (value.bits() > kRationalBitsMax) return std::nullopt;
  return value;
}

Rational cut_rational(const Rational& value, std::int64_t wanted_digits, Cut cut) {
  const int digits = static_cast<int>(std::clamp(wanted_digits, -kRoundDigitsMax, kRoundDigitsMax));
  const Rational unit = unbounded_power_of_ten(std::abs(digits));
  const Rational scaled = digits >= 0 ? value * unit : value / unit;
  const Rational half(value.sign() < 0 ? -1 : 1, 2);
  const Rational shifted = cut == Cut::half_away_from_zero ? scaled + half : scaled;
  const Rational whole(Integer(numerator(shifted) / denominator(shifted)));
  return digits >= 0 ? whole / unit : whole * unit;
}

// The remainder of decimals whose common scale needs more than 128 bits.
std::optional<Decimal> modulo_slowly(Decimal a, Decimal b) {
  const auto rest = Numbers<Rational>::modulo(to_rational(a), to_rational(b));
  if (!rest) return std::nullopt;
  const auto text = Decimal::parse(format_rational(*rest));
  return text ? std::optional(*text) : std::nullopt;
}

}  // namespace

int Numbers<Decimal>::compare(Decimal a, Decimal b) {
  if (a.scale() == b.scale()) [[likely]]
    return a.units() < b.units() ? -1 : a.units() > b.units() ? 1 : 0;
  return sign_of(a <=> b);
}

std::optional<Decimal> Numbers<Decimal>::modulo(Decimal a, Decimal b) {
  if (b.is_zero()) return std::nullopt;
  const int scale = std::max(a.scale(), b.scale());
  const auto left = a.rescaled(scale);
  const auto right = b.rescaled(scale);
  if (!left || !right) return modulo_slowly(a, b);
  return Decimal::from_units(left->units() % right->units(), scale);
}

std::optional<Decimal> Numbers<Decimal>::power(Decimal base, std::int64_t exponent) {
  std::uint64_t left =
      exponent < 0 ? 0 - static_cast<std::uint64_t>(exponent) : static_cast<std::uint64_t>(exponent);
  std::optional<Decimal> result = Decimal(1);
  std::optional<Decimal> square = base;
  while (left != 0) {
    if ((left & 1) != 0) result = square ? Decimal::multiply(*result, *square) : std::nullopt;
    if (!result) return std::nullopt;
    left >>= 1;
    if (left != 0 && square) square = Decimal::multiply(square->normalized(), square->normalized());
  }
  return exponent < 0 ? Decimal::divide(Decimal(1), *result) : result;
}

std::optional<Decimal> Numbers<Decimal>::round(Decimal value, std::int64_t digits) {
  return cut_decimal(value, digits, Cut::half_away_from_zero);
}
std::optional<Decimal> Numbers<Decimal>::truncate(Decimal value, std::int64_t digits) {
  return cut_decimal(value, digits, Cut::towards_zero);
}

std::optional<Rational> Numbers<Rational>::add(const Rational& a, const Rational& b) {
  return bounded(a + b);
}
std::optional<Rational> Numbers<Rational>::subtract(const Rational& a, const Rational& b) {
  return bounded(a - b);
}
std::optional<Rational> Numbers<Rational>::multiply(const Rational& a, const Rational& b) {
  return bounded(a * b);
}

std::optional<Rational> Numbers<Rational>::divide(const Rational& a, const Rational& b) {
  if (b.is_zero()) return std::nullopt;
  return bounded(a / b);
}

std::optional<Rational> Numbers<Rational>::modulo(const Rational& a, const Rational& b) {
  if (b.is_zero()) return std::nullopt;
  const Rational quotient = a / b;
  return bounded(a - b * Integer(numerator(quotient) / denominator(quotient)));
}

std::optional<Rational> Numbers<Rational>::power(const Rational& base, std::int64_t exponent) {
  if (exponent == 0 || base == 1) return Rational(1);
  if (base.is_zero()) return exponent > 0 ? std::optional(Rational(0)) : std::nullopt;
  if (base == -1) return Rational(exponent % 2 == 0 ? 1 : -1);
  const std::uint64_t size =
      exponent < 0 ? 0 - static_cast<std::uint64_t>(exponent) : static_cast<std::uint64_t>(exponent);
  if (size > kRationalBitsMax || size * (base.bits() - 1) > kRationalBitsMax) return std::nullopt;
  const auto times = static_cast<unsigned>(size);
  const Integer top = boost::multiprecision::pow(Integer(numerator(base)), times);
  const Integer bottom = boost::multiprecision::pow(Integer(denominator(base)), times);
  return exponent < 0 ? bounded(Rational(bottom, top)) : bounded(Rational(top, bottom));
}

std::optional<Rational> Numbers<Rational>::round(const Rational& value, std::int64_t digits) {
  return bounded(cut_rational(value, digits, Cut::half_away_from_zero));
}
std::optional<Rational> Numbers<Rational>::truncate(const Rational& value, std::int64_t digits) {
  return bounded(cut_rational(value, digits, Cut::towards_zero));
}

std::optional<std::int64_t> to_int64(Decimal value) { return value.to_integer(); }

std::optional<std::int64_t> to_int64(const Rational& value) {
  const Integer whole = numerator(value);
  if (denominator(value) != 1 || whole < INT64_MIN || whole > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

}  // namespace slipstream
