// Arithmetic of exact fractions. What fits 64 bits takes its products in 128, where they always fit; what comes out
// is brought to lowest terms by greatest common divisors of 64 bits (Knuth, The Art of Computer Programming 2, 4.5.1).
#include "engine/base/rational.h"

#include <bit>
#include <numeric>
#include <ostream>
#include <utility>

namespace slipstream {
namespace {

// Whether a part can be kept narrow. INT64_MIN cannot: its negation is no int64_t.
constexpr bool is_narrow_part(Int128 part) { return part <= INT64_MAX && part >= -INT64_MAX; }

std::uint64_t narrow_magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

// At least one is not 0.
UInt128 greatest_common_divisor(UInt128 a, UInt128 b) {
  while (b > UINT64_MAX) {
    a %= b;
    std::swap(a, b);
  }
  if (b == 0) return a;
  return std::gcd(static_cast<std::uint64_t>(a % b), static_cast<std::uint64_t>(b));
}

std::int64_t common_divisor(std::int64_t a, std::int64_t b) {
  if (a == 1 || b == 1) return 1;  // whole numbers
  return static_cast<std::int64_t>(std::gcd(narrow_magnitude(a), narrow_magnitude(b)));
}

std::size_t bits_of(const Integer& value) {
  return value.is_zero() ? 1 : boost::multiprecision::msb(boost::multiprecision::abs(value)) + 1;
}
std::size_t bits_of(std::int64_t value) {
  return value == 0 ? 1 : static_cast<std::size_t>(std::bit_width(narrow_magnitude(value)));
}

}  // namespace

Rational::Rational(Int128 numerator, Int128 denominator) {
  SLIPSTREAM_INVARIANT(denominator != 0, "a fraction's denominator");
  UInt128 top = magnitude(numerator), bottom = magnitude(denominator);
  if (bottom != 1) {
    const UInt128 divisor = greatest_common_divisor(top, bottom);
    top /= divisor;
    bottom /= divisor;
  }
  const bool negative = (numerator < 0) != (denominator < 0);
  if (top <= INT64_MAX && bottom <= INT64_MAX) {
    numerator_ = static_cast<std::int64_t>(with_sign(top, negative));
    denominator_ = static_cast<std::int64_t>(bottom);
  } else {
    wide_ = std::make_shared<const Wide>(negative ? Integer(-Integer(top)) : Integer(top), Integer(bottom));
  }
}

Rational::Rational(const Integer& numerator, const Integer& denominator) {
  SLIPSTREAM_INVARIANT(!denominator.is_zero(), "a fraction's denominator");
  *this = of_wide(Wide(numerator, denominator));
}

Rational Rational::of_double(double value) { return of_wide(Wide(value)); }

Rational Rational::of_wide(const Wide& value) {
  Rational result;
  const Integer top = boost::multiprecision::numerator(value),
                bottom = boost::multiprecision::denominator(value);
  if (bottom <= INT64_MAX && top <= INT64_MAX && top >= -INT64_MAX) {
    result.numerator_ = static_cast<std::int64_t>(top);
    result.denominator_ = static_cast<std::int64_t>(bottom);
  } else {
    result.wide_ = std::make_shared<const Wide>(value);
  }
  return result;
}

Rational Rational::of_lowest_terms(Int128 numerator, Int128 denominator) {
  if (!is_narrow_part(numerator) || !is_narrow_part(denominator))
    return of_wide(Wide(Integer(numerator), Integer(denominator)));
  Rational result;
  result.numerator_ = static_cast<std::int64_t>(numerator);
  result.denominator_ = static_cast<std::int64_t>(denominator);
  return result;
}

Rational::Wide Rational::wide() const {
  return wide_ ? *wide_ : Wide(Integer(numerator_), Integer(denominator_));
}

int Rational::sign() const {
  if (wide_) return wide_->sign();
  return numerator_ > 0 ? 1 : numerator_ < 0 ? -1 : 0;
}

std::size_t Rational::bits() const {
  if (wide_) return bits_of(numerator(*this)) + bits_of(denominator(*this));
  return bits_of(numerator_) + bits_of(denominator_);
}

double Rational::to_double() const { return wide().convert_to<double>(); }

Rational Rational::operator-() const {
  if (wide_) return of_wide(-*wide_);
  Rational result = *this;
  result.numerator_ = -numerator_;
  return result;
}

Rational operator+(const Rational& a, const Rational& b) {
  if (!a.is_narrow() || !b.is_narrow()) return Rational::of_wide(a.wide() + b.wide());
  const Int128 top_a = a.numerator_, top_b = b.numerator_;
  const std::int64_t common = common_divisor(a.denominator_, b.denominator_);
  const std::int64_t rest_a = a.denominator_ / common, rest_b = b.denominator_ / common;
  const Int128 top = top_a * rest_b + top_b * rest_a;
  if (top == 0) return {};
  const auto divisor = common == 1 ? 1 : common_divisor(static_cast<std::int64_t>(top % common), common);
  return Rational::of_lowest_terms(top / divisor, Int128{rest_a} * (b.denominator_ / divisor));
}

Rational operator*(const Rational& a, const Rational& b) {
  if (!a.is_narrow() || !b.is_narrow()) return Rational::of_wide(a.wide() * b.wide());
  const std::int64_t left = common_divisor(a.numerator_, b.denominator_);
  const std::int64_t right = common_divisor(b.numerator_, a.denominator_);
  return Rational::of_lowest_terms(Int128{a.numerator_ / left} * (b.numerator_ / right),
                                   Int128{a.denominator_ / right} * (b.denominator_ / left));
}

Rational operator/(const Rational& a, const Rational& b) {
  SLIPSTREAM_INVARIANT(!b.is_zero(), "a fraction's divisor");
  if (!a.is_narrow() || !b.is_narrow()) return Rational::of_wide(a.wide() / b.wide());
  Rational inverse;
  inverse.numerator_ = b.numerator_ < 0 ? -b.denominator_ : b.denominator_;
  inverse.denominator_ = static_cast<std::int64_t>(narrow_magnitude(b.numerator_));
  return a * inverse;
}

bool operator==(const Rational& a, const Rational& b) {
  if (a.is_narrow() && b.is_narrow()) return a.numerator_ == b.numerator_ && a.denominator_ == b.denominator_;
  return !a.is_narrow() && !b.is_narrow() && *a.wide_ == *b.wide_;
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  if (!a.is_narrow() || !b.is_narrow()) return a.wide().compare(b.wide()) <=> 0;
  return Int128{a.numerator_} * b.denominator_ <=> Int128{b.numerator_} * a.denominator_;
}

Integer numerator(const Rational& value) {
  return value.wide_ ? boost::multiprecision::numerator(*value.wide_) : Integer(value.numerator_);
}
Integer denominator(const Rational& value) {
  return value.wide_ ? boost::multiprecision::denominator(*value.wide_) : Integer(value.denominator_);
}

Integer unbounded_power_of_ten(int exponent) {
  return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent));
}

Rational to_rational(Decimal value) { return {value.units(), power_of_ten(value.scale())}; }

std::ostream& operator<<(std::ostream& out, const Rational& value) { return out << exact_text(value); }

}  // namespace slipstream
