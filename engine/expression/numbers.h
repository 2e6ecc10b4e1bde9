// Arithmetic of the two number types behind one interface, so that evaluation is written once.
//
// Decimal: the row level; nullopt when a result leaves 38 digits. Rational: the KPI level, exact; nullopt
// when a result would need more than kRationalBitsMax bits, so that no formula can exhaust the memory.
// Division by zero is nullopt.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "engine/expression/value.h"

namespace slipstream {

inline constexpr unsigned kRationalBitsMax = 64 * 1024;
// round() and trunc() beyond these digits change nothing or leave zero.
inline constexpr std::int64_t kRoundDigitsMax = 40;

// -1, 0, 1.
constexpr int sign_of(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

template <class Number>
struct Numbers;

template <>
struct Numbers<Decimal> {
  static Decimal from_integer(std::int64_t value) { return Decimal(value); }
  static Decimal from_decimal(Decimal value) { return value; }
  static Rational to_exact(Decimal value) { return to_rational(value); }
  static std::optional<Decimal> add(Decimal a, Decimal b) { return Decimal::add(a, b); }
  static std::optional<Decimal> subtract(Decimal a, Decimal b) { return Decimal::subtract(a, b); }
  static std::optional<Decimal> multiply(Decimal a, Decimal b) { return Decimal::multiply(a, b); }
  static std::optional<Decimal> divide(Decimal a, Decimal b) { return Decimal::divide(a, b); }
  static std::optional<Decimal> modulo(Decimal a, Decimal b);
  static std::optional<Decimal> power(Decimal base, std::int64_t exponent);
  static Decimal negated(Decimal value) { return value.negated(); }
  static int sign(Decimal value) { return value.sign(); }
  static int compare(Decimal a, Decimal b);
  // Half away from zero, and towards zero, to `digits` after the point; negative digits are before it.
  static std::optional<Decimal> round(Decimal value, std::int64_t digits);
  static std::optional<Decimal> truncate(Decimal value, std::int64_t digits);
  static std::string to_text(Decimal value) { return value.to_string(); }
};

template <>
struct Numbers<Rational> {
  static Rational from_integer(std::int64_t value) { return Rational(value); }
  static Rational from_decimal(Decimal value) { return to_rational(value); }
  static const Rational& to_exact(const Rational& value) { return value; }
  static std::optional<Rational> add(const Rational& a, const Rational& b);
  static std::optional<Rational> subtract(const Rational& a, const Rational& b);
  static std::optional<Rational> multiply(const Rational& a, const Rational& b);
  static std::optional<Rational> divide(const Rational& a, const Rational& b);
  static std::optional<Rational> modulo(const Rational& a, const Rational& b);
  static std::optional<Rational> power(const Rational& base, std::int64_t exponent);
  static Rational negated(const Rational& value) { return -value; }
  static int sign(const Rational& value) { return value.sign(); }
  static int compare(const Rational& a, const Rational& b) { return sign_of(a <=> b); }
  static std::optional<Rational> round(const Rational& value, std::int64_t digits);
  static std::optional<Rational> truncate(const Rational& value, std::int64_t digits);
  static std::string to_text(const Rational& value) { return format_rational(value); }
};

// The number as an integer of 64 bits when it is integral and fits.
std::optional<std::int64_t> to_int64(Decimal value);
std::optional<std::int64_t> to_int64(const Rational& value);

}  // namespace slipstream
