// Exact fraction of unbounded integers: what KPI formulas, trajectories and judgements compute with, so that
// a ratio stays numerator and denominator until it is printed.
//
// Nearly every figure's numerator and denominator fit 64 bits, and are computed with as such; one that does not
// is kept aside as unbounded integers. Always in lowest terms with a positive denominator, and aside only when
// it must be, so that equal fractions have equal parts.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "engine/base/decimal.h"
#include "engine/base/int128.h"

namespace slipstream {

using Integer = boost::multiprecision::cpp_int;

class Rational {
 public:
  Rational() = default;  // 0
  // Implicit: integers are numbers, and formulas mix them freely.
  Rational(Int128 whole) : Rational(whole, Int128{1}) {}
  Rational(const Integer& whole) : Rational(whole, Integer(1)) {}
  template <std::floating_point Number>
  Rational(Number) = delete;  // see of_double()
  // The denominator is not 0, else the process stops.
  Rational(Int128 numerator, Int128 denominator);
  Rational(const Integer& numerator, const Integer& denominator);
  static Rational of_double(double value);  // what its bits say exactly; finite

  bool is_zero() const { return wide_ == nullptr && numerator_ == 0; }
  int sign() const;                                    // -1, 0, 1
  std::size_t bits() const;                            // of numerator and denominator together
  double to_double() const;                            // the nearest
  bool is_narrow() const { return wide_ == nullptr; }  // both parts fit 64 bits

  Rational operator-() const;
  Rational& operator+=(const Rational& other) { return *this = *this + other; }
  Rational& operator/=(const Rational& other) { return *this = *this / other; }

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b) { return a + -b; }
  friend Rational operator*(const Rational& a, const Rational& b);
  friend Rational operator/(const Rational& a, const Rational& b);  // b is not 0, else the process stops
  friend bool operator==(const Rational& a, const Rational& b);
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

  friend Rational abs(const Rational& value) { return value.sign() < 0 ? -value : value; }
  friend Integer numerator(const Rational& value);
  friend Integer denominator(const Rational& value);
  // Of a fraction that is_narrow().
  std::int64_t narrow_numerator() const { return numerator_; }
  std::int64_t narrow_denominator() const { return denominator_; }

 private:
  using Wide = boost::multiprecision::cpp_rational;

  static Rational of_wide(const Wide& value);
  static Rational of_lowest_terms(Int128 numerator, Int128 denominator);
  Wide wide() const;

  std::int64_t numerator_ = 0, denominator_ = 1;  // above INT64_MIN; without meaning beside wide_
  std::shared_ptr<const Wide> wide_;              // null: the two above are the value
};

Integer unbounded_power_of_ten(int exponent);  // exponent not negative
Rational to_rational(Decimal value);
// Decimal text rounded half-even to `digits` after the point, always with that many digits: "64.367816".
std::string format_rational(const Rational& value, int digits);
// Exact decimal text when the value terminates within kScaleMax digits ("12.5"), else rounded half-even to 6.
std::string format_rational(const Rational& value);
// "numerator/denominator" in lowest terms, denominator positive: the exact form, in JSON beside the rounded
// one.
std::string exact_text(const Rational& value);
Result<Rational> parse_rational(const std::string& text);            // accepts both forms
Rational rounded(const Rational& value, int digits);                 // half-even
std::ostream& operator<<(std::ostream& out, const Rational& value);  // the exact form

}  // namespace slipstream
