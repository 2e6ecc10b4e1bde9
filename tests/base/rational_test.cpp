#include "engine/base/rational.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace slipstream {
namespace {

Rational ratio(std::int64_t numerator, std::int64_t denominator) {
  return {Integer(numerator), Integer(denominator)};
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

RC_GTEST_PROP(RationalProperty, TheExactFormComesBack, (std::int64_t numerator, std::int32_t denominator)) {
  RC_PRE(denominator != 0);
  const Rational value = ratio(numerator, denominator);
  RC_ASSERT(parse_rational(exact_text(value)).value() == value);
}

RC_GTEST_PROP(RationalProperty, RoundingIsTheNearestMultipleAndStaysOnceDone,
              (std::int64_t numerator, std::int32_t part)) {
  RC_PRE(part != 0);
  const Rational value = ratio(numerator, part);
  const int digits = *rc::gen::inRange(0, 10);
  const Rational near = rounded(value, digits);
  const Rational distance = abs(Rational(near - value));
  RC_ASSERT(distance * 2 * boost::multiprecision::pow(Integer(10), static_cast<unsigned>(digits)) <= 1);
  RC_ASSERT(rounded(near, digits) == near);
  RC_ASSERT(parse_rational(format_rational(value, digits)).value() == near);
}

TEST(Rational, ReadsDecimalsOfAnyLengthWithExponents) {
  EXPECT_EQ(parse_rational("-12.50").value(), ratio(-25, 2));
  EXPECT_EQ(parse_rational("1.5e-3").value(), ratio(3, 2000));
  EXPECT_EQ(parse_rational("010").value(), ratio(10, 1));
  EXPECT_EQ(parse_rational("1e40").value(), Rational(boost::multiprecision::pow(Integer(10), 40)));
}

TEST(Rational, RefusesWhatIsNoNumber) {
  for (const auto* text : {"", "-", "1/0", "1/", "/2", "1/-2", "0x1", "1e", "1..2", "a", "1/2/3", "."})
    EXPECT_EQ(parse_rational(text).error().code, ErrorCode::syntax) << text;
  EXPECT_EQ(parse_rational("1e1001").error().code, ErrorCode::number_out_of_range);
  EXPECT_EQ(parse_rational(std::string(5000, '1')).error().code, ErrorCode::number_out_of_range);
}

}  // namespace
}  // namespace slipstream
