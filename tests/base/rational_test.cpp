#include "engine/base/rational.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace slipstream {
namespace {

using Reference = boost::multiprecision::cpp_rational;

Rational ratio(std::int64_t numerator, std::int64_t denominator) { return {numerator, denominator}; }

Reference reference(const Rational& value) { return {numerator(value), denominator(value)}; }

// Small parts, parts at the edge of 64 bits, and parts far beyond.
Integer any_part() {
  const Integer near =
      Integer(*rc::gen::element<Int128>(0, INT64_MAX, INT64_MIN, UINT64_MAX)) + *rc::gen::inRange(-3, 4);
  const Integer any = *rc::gen::arbitrary<std::int64_t>();
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return *rc::gen::inRange(-30, 31);
    case 1:
      return near;
    case 2:
      return any;
    case 3:
      return any * near;
    default:
      return any * any * any;
  }
}

Rational any_fraction() {
  const Integer below = any_part();
  return {any_part(), below.is_zero() ? Integer(1) : below};
}

// Lowest terms, and unbounded integers only where they must be.
bool is_canonical(const Rational& value) {
  const Integer top = numerator(value), bottom = denominator(value);
  const bool fits = abs(top) <= INT64_MAX && bottom <= INT64_MAX;
  return bottom > 0 && boost::multiprecision::gcd(top, bottom) == 1 && value.is_narrow() == fits;
}

RC_GTEST_PROP(RationalProperty, ComputesAsUnboundedFractionsDo, ()) {
  const Rational a = any_fraction(), b = any_fraction();
  const Reference x = reference(a), y = reference(b);
  for (const auto& [found, expected] :
       {std::pair(a + b, Reference(x + y)), std::pair(a - b, Reference(x - y)),
        std::pair(a * b, Reference(x * y)), std::pair(-a, Reference(-x)),
        std::pair(abs(a), Reference(abs(x)))}) {
    RC_ASSERT(reference(found) == expected);
    RC_ASSERT(is_canonical(found));
  }
  if (!b.is_zero()) {
    RC_ASSERT(reference(a / b) == x / y);
    RC_ASSERT(is_canonical(a / b));
  }
  RC_ASSERT((a < b) == (x < y) && (a == b) == (x == y) && a == Rational(a));
  RC_ASSERT(a.sign() == x.sign() && a.is_zero() == x.is_zero() && a.to_double() == x.convert_to<double>());
}

RC_GTEST_PROP(RationalProperty, IsTheSameFromWhateverPartsItIsMade, (std::int64_t top, std::int64_t factor)) {
  RC_PRE(factor != 0);
  const Rational value = any_fraction();
  RC_ASSERT(Rational(numerator(value) * factor, denominator(value) * factor) == value);
  const Rational narrow(Int128{top} * factor, Int128{factor} * 10);
  RC_ASSERT(narrow == Rational(Integer(top), Integer(10)));
  RC_ASSERT(is_canonical(narrow));
}

RC_GTEST_PROP(RationalProperty, ADoubleComesBack, (double number)) {
  RC_ASSERT(Rational::of_double(number).to_double() == number);
}

TEST(Rational, KeepsWhatIsJustBeyond64Bits) {
  const Rational least(INT64_MIN), most(INT64_MAX);
  EXPECT_EQ(exact_text(least), "-9223372036854775808/1");
  EXPECT_EQ(exact_text(-least), "9223372036854775808/1");
  EXPECT_EQ(-least - 1, most);
  EXPECT_EQ(exact_text(1 / least), "-1/9223372036854775808");
  EXPECT_EQ(1 / (1 / least), least);
  EXPECT_EQ(exact_text(Rational(1, most.narrow_numerator()) * ratio(1, 2)), "1/18446744073709551614");
  EXPECT_LT(least, -most);
  EXPECT_EQ((least + most).bits(), 2U);
  EXPECT_EQ(least.bits(), 65U);
}

TEST(Rational, PrintsExactlyThatManyDigitsRoundedHalfEven) {
  EXPECT_EQ(format_rational(ratio(5600, 87), 6), "64.367816");
  EXPECT_EQ(format_rational(ratio(1, 8), 2), "0.12");
  EXPECT_EQ(format_rational(ratio(3, 8), 2), "0.38");
  EXPECT_EQ(format_rational(ratio(-1, 8), 2), "-0.12");
  EXPECT_EQ(format_rational(ratio(-1, 1000), 2), "0.00");
  EXPECT_EQ(format_rational(ratio(5, 1), 0), "5");
}

TEST(Rational, PrintsTerminatingValuesExactlyAndOthersToSixDigits) {
  EXPECT_EQ(format_rational(ratio(25, 2)), "12.5");
  EXPECT_EQ(format_rational(ratio(-4, 1)), "-4");
  EXPECT_EQ(format_rational(ratio(1, 3)), "0.333333");
  EXPECT_EQ(format_rational(ratio(1, 1LL << 18)), "0.000003814697265625");
  EXPECT_EQ(format_rational(ratio(1, 1LL << 19)), "0.000002");
}

TEST(Rational, TheExactFormIsInLowestTermsWithAPositiveDenominator) {
  EXPECT_EQ(exact_text(ratio(6, -4)), "-3/2");
  EXPECT_EQ(exact_text(ratio(10, 5)), "2/1");
}

RC_GTEST_PROP(RationalProperty, TheExactFormComesBack, ()) {
  const Rational value = any_fraction();
  RC_ASSERT(parse_rational(exact_text(value)).value() == value);
}

RC_GTEST_PROP(RationalProperty, RoundingIsTheNearestMultipleAndStaysOnceDone, ()) {
  const Rational value = any_fraction();
  const int digits = *rc::gen::inRange(0, 24);
  const Rational near = rounded(value, digits);
  const Rational power = Integer(boost::multiprecision::pow(Integer(10), static_cast<unsigned>(digits)));
  RC_ASSERT(abs(near - value) * 2 * power <= 1);
  RC_ASSERT(denominator(near * power) == 1);
  RC_ASSERT(rounded(near, digits) == near);
  RC_ASSERT(parse_rational(format_rational(value, digits)).value() == near);
}

RC_GTEST_PROP(RationalProperty, DecimalTextIsExactWhereEighteenDigitsDo, ()) {
  const Rational value = any_fraction();
  const Rational power = Integer(boost::multiprecision::pow(Integer(10), 18));
  const bool terminates = denominator(value * power) == 1;
  RC_ASSERT((parse_rational(format_rational(value)).value() == value) ==
            (terminates || rounded(value, 6) == value));
  if (!terminates) RC_ASSERT(format_rational(value) == format_rational(value, 6));
}

TEST(Rational, ReadsDecimalsOfAnyLengthWithExponents) {
  EXPECT_EQ(parse_rational("-12.50").value(), ratio(-25, 2));
  EXPECT_EQ(parse_rational("1.5e-3").value(), ratio(3, 2000));
  EXPECT_EQ(parse_rational("010").value(), ratio(10, 1));
  EXPECT_EQ(parse_rational("1e40").value(), Rational(Integer(boost::multiprecision::pow(Integer(10), 40))));
  EXPECT_EQ(parse_rational("999999999999999999e18").value(),
            Rational(999'999'999'999'999'999) * parse_rational("1e18").value());
  EXPECT_EQ(parse_rational("-0.0000000000000000010").value(), Rational(-1) / parse_rational("1e18").value());
}

TEST(Rational, RefusesWhatIsNoNumber) {
  for (const auto* text : {"", "-", "1/0", "1/", "/2", "1/-2", "0x1", "1e", "1..2", "a", "1/2/3", "."})
    EXPECT_EQ(parse_rational(text).error().code, ErrorCode::syntax) << text;
  EXPECT_EQ(parse_rational("1e1001").error().code, ErrorCode::number_out_of_range);
  EXPECT_EQ(parse_rational(std::string(5000, '1')).error().code, ErrorCode::number_out_of_range);
}

}  // namespace
}  // namespace slipstream
