// Exact fraction of unbounded integers: what KPI formulas, trajectories and judgements compute with, so that
// a ratio stays numerator and denominator until it is printed. Cold path only.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <string>

#include "engine/base/decimal.h"

namespace slipstream {

using Integer = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;

Rational to_rational(Decimal value);
// Decimal text rounded half-even to `digits` after the point, always with that many digits: "64.367816".
std::string format_rational(const Rational& value, int digits);
// Exact decimal text when the value terminates within kScaleMax digits ("12.5"), else rounded half-even to 6.
std::string format_rational(const Rational& value);
// "numerator/denominator" in lowest terms, denominator positive: the exact form, in JSON beside the rounded
// one.
std::string exact_text(const Rational& value);
Result<Rational> parse_rational(const std::string& text);  // accepts both forms
Rational rounded(const Rational& value, int digits);       // half-even

}  // namespace slipstream
