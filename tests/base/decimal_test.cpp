#include "engine/base/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/rational.h"

namespace slipstream {
namespace {

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }
const Integer kLimit = boost::multiprecision::pow(Integer(10), 38);

// Any representable decimal, small and large magnitudes and all scales alike.
rc::Gen<Decimal> any_decimal() {
  return rc::gen::exec([] {
    const auto high = *rc::gen::arbitrary<std::int64_t>();
    const auto low = *rc::gen::arbitrary<std::int64_t>();
    const int shift = *rc::gen::inRange(0, 127);
    const int zeros = *rc::gen::inRange(0, 6);
    Int128 units =
        static_cast<Int128>((static_cast<unsigned __int128>(high) << 64) | static_cast<std::uint64_t>(low));
    units >>= shift;
    for (int i = 0; i < zeros && units < (Int128{1} << 120) && units > -(Int128{1} << 120); ++i)
      units *= 10;
    const Decimal value = Decimal::from_units(units, *rc::gen::inRange(0, Decimal::kScaleMax + 1));
    return value.has_valid_precision() ? value : Decimal::from_units(units / 100, value.scale());
  });
}

// Representable as a Decimal of some scale?
bool is_decimal(const Rational& value) {
  for (int scale = 0; scale <= Decimal::kScaleMax; ++scale) {
    const Rational units =
        value * Rational(boost::multiprecision::pow(Integer(10), static_cast<unsigned>(scale)));
    if (denominator(units) == 1) return abs(numerator(units)) < kLimit;
  }
  return false;
}

void expect_exact_or_overflow(const std::optional<Decimal>& result, const Rational& exact) {
  RC_ASSERT(result.has_value() == is_decimal(exact));
  if (result) RC_ASSERT(to_rational(*result) == exact && result->has_valid_precision());
}

RC_GTEST_PROP(DecimalProperty, SumsAndDifferencesAreExactOrRefused, ()) {
  const Decimal a = *any_decimal();
  const Decimal b = *any_decimal();
  expect_exact_or_overflow(Decimal::add(a, b), to_rational(a) + to_rational(b));
  expect_exact_or_overflow(Decimal::subtract(a, b), to_rational(a) - to_rational(b));
}

RC_GTEST_PROP(DecimalProperty, ProductsAreExactUpToEighteenDecimalsThenRounded, ()) {
  const Decimal a = *any_decimal();
  const Decimal b = *any_decimal();
  const Rational exact = to_rational(a) * to_rational(b);
  const auto product = Decimal::multiply(a, b);
  const int scale = a.normalized().scale() + b.normalized().scale();
  expect_exact_or_overflow(product, scale > Decimal::kScaleMax ? rounded(exact, Decimal::kScaleMax) : exact);
}

RC_GTEST_PROP(DecimalProperty, QuotientsAreRoundedHalfEvenAtSixteenDecimalsOrMore, ()) {
  const Decimal a = *any_decimal();
  const Decimal b = *any_decimal();
  const auto quotient = Decimal::divide(a, b);
  if (b.is_zero()) {
    RC_ASSERT(!quotient.has_value());
    return;
  }
  const int scale = std::max({16, a.scale(), b.scale()});
  expect_exact_or_overflow(quotient, rounded(to_rational(a) / to_rational(b), scale));
}

RC_GTEST_PROP(DecimalProperty, ComparesAsTheExactValuesDo, ()) {
  const Decimal a = *any_decimal();
  const Decimal b = *any_decimal();
  const auto expected = to_rational(a) <=> to_rational(b);
  RC_ASSERT(((a <=> b) < 0) == (expected < 0));
  RC_ASSERT(((a <=> b) > 0) == (expected > 0));
  RC_ASSERT((a == b) == (expected == 0));
}

RC_GTEST_PROP(DecimalProperty, TextComesBackWithValueAndScale, ()) {
  const Decimal value = *any_decimal();
  const auto parsed = Decimal::parse(value.to_string());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->units() == value.units() && parsed->scale() == value.scale());
}

RC_GTEST_PROP(DecimalProperty, EqualValuesHaveOneCanonicalForm, ()) {
  const Decimal value = *any_decimal();
  const Decimal canonical = value.normalized();
  RC_ASSERT(canonical == value);
  RC_ASSERT(canonical.scale() == 0 || canonical.units() % 10 != 0);
  if (const auto finer = value.rescaled(Decimal::kScaleMax)) {
    RC_ASSERT(finer->normalized().units() == canonical.units() &&
              finer->normalized().scale() == canonical.scale());
  }
}

RC_GTEST_PROP(DecimalProperty, RoundsHalfEven, ()) {
  const Decimal value = *any_decimal();
  const int scale = *rc::gen::inRange(0, Decimal::kScaleMax + 1);
  RC_ASSERT(to_rational(value.rounded(scale)) == rounded(to_rational(value), scale));
}

TEST(Decimal, ReadsEveryWayOfWritingANumber) {
  EXPECT_EQ(decimal("-12.50").units(), -1250);
  EXPECT_EQ(decimal("-12.50").scale(), 2);
  EXPECT_EQ(decimal("1e3").to_string(), "1000");
  EXPECT_EQ(decimal("+7").to_string(), "7");
  EXPECT_EQ(decimal("1.5E-3").to_string(), "0.0015");
  EXPECT_EQ(decimal(".5").to_string(), "0.5");
  EXPECT_EQ(decimal("5.").to_string(), "5");
  EXPECT_EQ(decimal("-0.00").sign(), 0);
  EXPECT_EQ(decimal("0e999999999999").to_string(), "0");
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const auto* text :
       {"", "-", "+", ".", "1.2.3", "1e", "1e+", "abc", "1 ", " 1", "0x10", "--1", "1,5", "NaN", "e5"})
    EXPECT_EQ(Decimal::parse(text).error().code, ErrorCode::syntax) << text;
}

TEST(Decimal, HoldsThirtyEightDigitsAndEighteenDecimalsAndNoMore) {
  EXPECT_EQ(decimal("99999999999999999999999999999999999999").to_string(),
            "99999999999999999999999999999999999999");
  EXPECT_EQ(decimal("0.000000000000000001").scale(), 18);
  EXPECT_EQ(decimal("1.50000000000000000000000").to_string(), "1.500000000000000000");
  EXPECT_EQ(decimal("00000000000000000000000000000000000000000000001").to_string(), "1");
  EXPECT_EQ(decimal("10000000000000000000000000000000000000.0").normalized().to_string(),
            "1" + std::string(37, '0'));
  for (const auto* text :
       {"100000000000000000000000000000000000000", "1e38", "0.0000000000000000001", "1e-19",
        "123456789012345678901234567890123456789", "1e999999999999", "-1e-999999999999"})
    EXPECT_EQ(Decimal::parse(text).error().code, ErrorCode::number_out_of_range) << text;
}

TEST(Decimal, TiesGoToTheEvenNeighbourOnBothSides) {
  EXPECT_EQ(decimal("2.5").rounded(0).to_string(), "2");
  EXPECT_EQ(decimal("3.5").rounded(0).to_string(), "4");
  EXPECT_EQ(decimal("-2.5").rounded(0).to_string(), "-2");
  EXPECT_EQ(decimal("-2.51").rounded(0).to_string(), "-3");
  EXPECT_EQ(decimal("1.5").rounded(3).to_string(), "1.500");
}

TEST(Decimal, ASumThatFitsIsFoundEvenWhereAligningOverflows) {
  const Decimal nearly = decimal("9999999999999999999999999999999999.9999");
  EXPECT_EQ(Decimal::add(nearly, decimal("0.0001")).value(), decimal("1e34"));
  EXPECT_EQ(Decimal::add(decimal("1e37"), decimal("1.0")).value().to_string(),
            "10000000000000000000000000000000000001");
  EXPECT_FALSE(Decimal::add(decimal("1e37"), decimal("0.5")).has_value());
}

TEST(Decimal, IntegersAreGivenOnlyWhenWholeAndInRange) {
  EXPECT_EQ(decimal("12.00").to_integer(), 12);
  EXPECT_EQ(decimal("-9223372036854775808").to_integer(), INT64_MIN);
  EXPECT_EQ(decimal("9223372036854775808").to_integer(), std::nullopt);
  EXPECT_EQ(decimal("12.5").to_integer(), std::nullopt);
}

TEST(Decimal, TextNeverHasAnExponentAndAlwaysAnIntegerPart) {
  EXPECT_EQ(Decimal::from_units(-5, 3).to_string(), "-0.005");
  EXPECT_EQ(Decimal::from_units(0, 2).to_string(), "0.00");
  EXPECT_DOUBLE_EQ(decimal("-12.5").to_double(), -12.5);
}

}  // namespace
}  // namespace slipstream
