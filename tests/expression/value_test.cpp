// Values: their names, texts and bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/encoding.h"
#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

std::string ordered(const Value& value) {
  std::string out;
  append_ordered(out, value);
  return out;
}
std::string stored(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }

// Few digits at many scales, so that equal values in other forms and neighbours are common; now and then a
// wide one.
Decimal any_decimal() {
  const int scale = *rc::gen::inRange(0, Decimal::kScaleMax + 1);
  Int128 units = *rc::gen::inRange(-1200, 1201);
  const int zeros = *rc::gen::inRange(0, 34);
  for (int i = 0; i < zeros; ++i)
    units *= 10;
  if (*rc::gen::inRange(0, 3) == 0) units += *rc::gen::arbitrary<std::int64_t>();
  return Decimal::from_units(units, scale);
}

Interval any_interval() {
  return {*rc::gen::arbitrary<std::int32_t>(), *rc::gen::arbitrary<std::int32_t>(),
          *rc::gen::arbitrary<std::int64_t>()};
}

template <class T, class Less>
void check_order(const T& a, const T& b, const Value& left, const Value& right, Less less) {
  RC_ASSERT((ordered(left) < ordered(right)) == less(a, b));
  RC_ASSERT((ordered(right) < ordered(left)) == less(b, a));
}

TEST(Value, TypeNamesReadBack) {
  for (const Type type :
       {Type::boolean, Type::integer, Type::decimal, Type::text, Type::timestamp, Type::interval})
    EXPECT_EQ(parse_type(name_of(type)).value(), type);
  EXPECT_EQ(parse_type("float").error().code, ErrorCode::unknown_name);
  EXPECT_EQ(parse_type("null").error().code, ErrorCode::unknown_name);
}

TEST(Value, PrintsAsUsersReadIt) {
  const Zone zone = zone_of("Asia/Ho_Chi_Minh");
  EXPECT_EQ(format_value(Value::null(), zone), "");
  EXPECT_EQ(format_value(Value::boolean(true), zone), "true");
  EXPECT_EQ(format_value(Value::integer(-3), zone), "-3");
  EXPECT_EQ(format_value(Value::decimal(decimal("12.50")), zone), "12.50");
  EXPECT_EQ(format_value(Value::timestamp(instant("2011-06-01T00:00:00Z")), zone),
            "2011-06-01T07:00:00+07:00");
  EXPECT_EQ(format_value(Value::interval({0, 3, 0}), zone), "3 days");
  EXPECT_EQ(format_value(KpiValue::decimal(Rational(5600, 87)), zone), "64.367816");
  EXPECT_EQ(format_value(KpiValue::decimal(Rational(25, 2)), zone), "12.5");
}

TEST(Value, NumbersOfTheKpiLevelAreExact) {
  EXPECT_EQ(number_of(to_kpi_value(Value::integer(7))).value(), Rational(7));
  EXPECT_EQ(number_of(to_kpi_value(Value::decimal(decimal("0.1")))).value(), Rational(1, 10));
  EXPECT_FALSE(number_of(to_kpi_value(Value::text("7"))).has_value());
  EXPECT_FALSE(number_of(KpiValue::null()).has_value());
}

RC_GTEST_PROP(OrderedEncoding, DecimalsOfAnyScaleSortByValue, ()) {
  const Decimal a = any_decimal();
  const Decimal b = any_decimal();
  check_order(a, b, Value::decimal(a), Value::decimal(b), std::less<>());
  RC_ASSERT(ordered(Value::decimal(a)) == ordered(Value::decimal(a.normalized())));
}

RC_GTEST_PROP(OrderedEncoding, IntegersSortAmongDecimals, (std::int64_t integer)) {
  const Decimal b = any_decimal();
  check_order(Decimal(integer), b, Value::integer(integer), Value::decimal(b), std::less<>());
  RC_ASSERT(ordered(Value::integer(integer)) == ordered(Value::decimal(Decimal(integer))));
}

RC_GTEST_PROP(OrderedEncoding, TextSortsByItsBytes, (const std::string& a, const std::string& b)) {
  check_order(a, b, Value::text(a), Value::text(b), std::less<>());
}

RC_GTEST_PROP(OrderedEncoding, TimestampsSortByTime, (std::int64_t a, std::int64_t b)) {
  check_order(a, b, Value::timestamp({a}), Value::timestamp({b}), std::less<>());
}

RC_GTEST_PROP(OrderedEncoding, IntervalsSortAsPostgresqlComparesThem, ()) {
  const Interval a = any_interval();
  const Interval b = any_interval();
  const auto less = [](Interval x, Interval y) { return comparable_us(x) < comparable_us(y); };
  check_order(a, b, Value::interval(a), Value::interval(b), less);
}

// A key of two values sorts as the pair does, so no encoding is a prefix of another.
RC_GTEST_PROP(OrderedEncoding, PairsSortAsTuples,
              (const std::string& a, const std::string& b, std::int64_t second)) {
  const Decimal x = any_decimal();
  const Decimal y = any_decimal();
  const std::string tail = ordered(Value::integer(second));
  const std::string other_tail = ordered(Value::integer(0));
  if (a != b) RC_ASSERT((ordered(Value::text(a)) + tail < ordered(Value::text(b)) + other_tail) == (a < b));
  if (x != y)
    RC_ASSERT((ordered(Value::decimal(x)) + tail < ordered(Value::decimal(y)) + other_tail) == (x < y));
}

TEST(OrderedEncoding, NullComesFirst) {
  for (const Value& value :
       {Value::boolean(false), Value::integer(INT64_MIN), Value::decimal(decimal("-1e20")), Value::text(""),
        Value::timestamp(Timestamp::min()), Value::interval({INT32_MIN, INT32_MIN, INT64_MIN})})
    EXPECT_LT(ordered(Value::null()), ordered(value));
  EXPECT_LT(ordered(Value::boolean(false)), ordered(Value::boolean(true)));
}

Value any_value(std::string& text) {
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return Value::null();
    case 1:
      return Value::boolean(*rc::gen::arbitrary<bool>());
    case 2:
      return Value::integer(*rc::gen::arbitrary<std::int64_t>());
    case 3:
      return Value::decimal(any_decimal());
    case 4:
      text = *rc::gen::arbitrary<std::string>();
      return Value::text(text);
    case 5:
      return Value::timestamp({*rc::gen::arbitrary<std::int64_t>()});
    default:
      return Value::interval(any_interval());
  }
}

RC_GTEST_PROP(StoredValue, ReadsBackAndLeavesTheRest, (const std::string& rest)) {
  std::string text;
  const Value value = any_value(text);
  const std::string bytes = stored(value) + rest;
  std::string_view in = bytes;
  const auto read = read_value(in);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == value);
  RC_ASSERT(in == rest);
}

RC_GTEST_PROP(StoredValue, CutOffBytesAreCorrupt, ()) {
  std::string text;
  const std::string bytes = stored(any_value(text));
  const auto cut = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(bytes.size())));
  std::string_view in = std::string_view(bytes).substr(0, cut);
  const std::string_view before = in;
  const auto read = read_value(in);
  RC_ASSERT(!read.has_value());
  RC_ASSERT(read.error().code == ErrorCode::store_corrupt);
  RC_ASSERT(in == before);
}

// Whatever is read at all has one form: equal values have equal bytes.
RC_GTEST_PROP(StoredValue, AnyBytesAreRefusedOrCanonical, (std::string bytes)) {
  if (!bytes.empty()) bytes[0] = static_cast<char>(bytes[0] & 7);
  std::string_view in = bytes;
  const auto read = read_value(in);
  if (!read) return;
  RC_ASSERT(stored(*read) == bytes.substr(0, bytes.size() - in.size()));
}

TEST(StoredValue, EqualDecimalsHaveEqualBytes) {
  EXPECT_EQ(stored(Value::decimal(decimal("1.500"))), stored(Value::decimal(decimal("1.5"))));
  EXPECT_NE(stored(Value::decimal(decimal("1"))), stored(Value::integer(1)));
}

}  // namespace
}  // namespace slipstream::testing
