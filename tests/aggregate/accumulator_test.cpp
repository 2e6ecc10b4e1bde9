#include "engine/aggregate/accumulator.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/aggregate/accumulator_rows.h"

namespace slipstream {
namespace {

// A row with a single measure.
class OneMeasure {
 public:
  explicit OneMeasure(const MeasureSpec& measure)
      : layout_(*AccumulatorLayout::compile({measure})), row_(layout_) {}
  void add(Value argument, Value denominator = {}) { change(argument, denominator, 1); }
  void retract(Value argument, Value denominator = {}) { change(argument, denominator, -1); }
  AggregateValue value() const { return layout_.value(row_.bytes(), 0); }
  bool empty() const { return layout_.is_empty(row_.bytes()); }
  std::size_t memory_bytes() const { return layout_.memory_bytes(row_.bytes()); }

 private:
  void change(Value argument, Value denominator, int sign) {
    layout_.accumulate(row_.bytes(), 0, {&argument, &denominator, {}, 0}, sign);
  }
  AccumulatorLayout layout_;
  AccumulatorRow row_;
};

Value decimal(std::string_view text) { return Value::decimal(*Decimal::parse(text)); }
Value span_us(std::int64_t us) { return Value::interval({0, 0, us}); }
KpiValue exact(std::string_view text) { return KpiValue::decimal(*parse_rational(std::string(text))); }

TEST(Accumulator, over_no_rows_counts_are_zero_and_the_rest_is_null) {
  const AccumulatorLayout layout = *AccumulatorLayout::compile(every_aggregate());
  const AccumulatorRow row(layout);
  for (std::size_t i = 0; i < layout.measures(); ++i) {
    const Aggregate aggregate = every_aggregate()[i].aggregate;
    const bool counts = aggregate == Aggregate::count || aggregate == Aggregate::distinct;
    EXPECT_EQ(layout.value(row.bytes(), i).value, counts ? KpiValue::integer(0) : KpiValue::null())
        << "measure " << i;
  }
  EXPECT_TRUE(layout.is_empty(row.bytes()));
}

TEST(Accumulator, nulls_are_ignored_by_all_but_count_of_rows) {
  const AccumulatorLayout layout = *AccumulatorLayout::compile(every_aggregate());
  AccumulatorRow row(layout);
  contribute(layout, every_aggregate(), row.bytes(), Source(), 1);
  EXPECT_EQ(layout.value(row.bytes(), 0).value, KpiValue::integer(1));
  EXPECT_EQ(layout.value(row.bytes(), 1).value, KpiValue::integer(0));
  for (std::size_t i = 2; i < layout.measures(); ++i) {
    if (every_aggregate()[i].aggregate == Aggregate::distinct) continue;
    EXPECT_TRUE(layout.value(row.bytes(), i).value.is_null()) << "measure " << i;
  }
}

TEST(Accumulator, count_of_rows_needs_no_argument) {
  const AccumulatorLayout layout = *AccumulatorLayout::compile({spec(Aggregate::count, Type::null)});
  AccumulatorRow row(layout);
  layout.accumulate(row.bytes(), 0, {}, 1);
  layout.accumulate(row.bytes(), 0, {}, 1);
  layout.accumulate(row.bytes(), 0, {}, -1);
  EXPECT_EQ(layout.value(row.bytes(), 0).value, KpiValue::integer(1));
}

TEST(Accumulator, sums_of_the_largest_decimals_stay_exact_and_can_be_taken_back) {
  OneMeasure sum(spec(Aggregate::sum, Type::decimal));
  const Value largest = decimal("99999999999999999999999999999999999999");
  for (int i = 0; i < 1000; ++i)
    sum.add(largest);
  sum.add(decimal("0.000000000000000001"));
  EXPECT_EQ(sum.value().value, exact("99999999999999999999999999999999999999000.000000000000000001"));
  for (int i = 0; i < 1000; ++i)
    sum.retract(largest);
  EXPECT_EQ(sum.value().value, exact("0.000000000000000001"));
  for (int i = 0; i < 3; ++i)
    sum.add(decimal("-99999999999999999999999999999999999999"));
  EXPECT_EQ(sum.value().value, exact("-299999999999999999999999999999999999996.999999999999999999"));
}

TEST(Accumulator, sums_of_the_largest_integers_stay_exact) {
  OneMeasure sum(spec(Aggregate::sum, Type::integer));
  for (int i = 0; i < 3; ++i)
    sum.add(Value::integer(INT64_MIN));
  EXPECT_EQ(sum.value().value, exact("-27670116110564327424"));
}

TEST(Accumulator, average_of_intervals_is_exact_beside_its_whole_microseconds) {
  OneMeasure avg(spec(Aggregate::avg, Type::interval));
  avg.add(span_us(1));
  avg.add(span_us(2));
  avg.add(span_us(2));
  EXPECT_EQ(avg.value().exact_us, Rational(5, 3));
  EXPECT_EQ(avg.value().value, KpiValue::interval({0, 0, 2}));
}

TEST(Accumulator, average_of_timestamps_is_a_timestamp) {
  OneMeasure avg(spec(Aggregate::avg, Type::timestamp));
  avg.add(Value::timestamp({INT64_MAX - 1}));
  avg.add(Value::timestamp({INT64_MAX - 3}));
  EXPECT_EQ(avg.value().value, KpiValue::timestamp({INT64_MAX - 2}));
}

TEST(Accumulator, a_sum_of_intervals_beyond_an_interval_says_so_and_stays_exact) {
  OneMeasure sum(spec(Aggregate::sum, Type::interval));
  sum.add(span_us(INT64_MAX));
  sum.add(span_us(1));
  EXPECT_TRUE(sum.value().out_of_range);
  EXPECT_TRUE(sum.value().value.is_null());
  EXPECT_EQ(sum.value().exact_us, Rational(INT64_MAX) + 1);
  sum.retract(span_us(1));
  EXPECT_FALSE(sum.value().out_of_range);
  EXPECT_EQ(sum.value().value, KpiValue::interval({0, 0, INT64_MAX}));
}

TEST(Accumulator, ratio_takes_rows_with_both_parts_and_divides_at_the_end) {
  OneMeasure ratio(spec(Aggregate::ratio, Type::integer, Type::decimal));
  ratio.add(Value::integer(1), decimal("2.5"));
  ratio.add(Value::integer(100), Value::null());
  ratio.add(Value::null(), decimal("100"));
  ratio.add(Value::integer(1), decimal("0.5"));
  EXPECT_EQ(ratio.value().value, exact("2/3"));
  ratio.add(Value::integer(1), decimal("-3"));
  EXPECT_TRUE(ratio.value().value.is_null()) << "the denominators sum to 0";
  EXPECT_FALSE(ratio.empty());
}

TEST(Accumulator, the_next_best_value_returns_when_the_best_is_retracted) {
  OneMeasure max(spec(Aggregate::max, Type::decimal));
  for (const char* text : {"3.5", "-20", "12", "12.0", "0.001"})
    max.add(decimal(text));
  EXPECT_EQ(max.value().value, exact("12"));
  max.retract(decimal("12.00"));
  EXPECT_EQ(max.value().value, exact("12"));
  max.retract(decimal("12"));
  EXPECT_EQ(max.value().value, exact("3.5"));
  for (const char* text : {"3.5", "-20", "0.001"})
    max.retract(decimal(text));
  EXPECT_TRUE(max.value().value.is_null());
  EXPECT_TRUE(max.empty());
}

TEST(Accumulator, a_retraction_ahead_of_its_contribution_is_owed) {
  OneMeasure max(spec(Aggregate::max, Type::integer));
  max.retract(Value::integer(9));
  max.add(Value::integer(5));
  EXPECT_EQ(max.value().value, KpiValue::integer(5));
  EXPECT_FALSE(max.empty());
  max.add(Value::integer(9));
  EXPECT_EQ(max.value().value, KpiValue::integer(5));
}

TEST(Accumulator, minimum_orders_every_type_as_sql_does) {
  const auto least = [](Type type, const std::vector<Value>& ascending) {
    OneMeasure min(spec(Aggregate::min, type));
    for (std::size_t i = ascending.size(); i-- > 0;) {
      min.add(ascending[i]);
      EXPECT_EQ(min.value().value, to_kpi_value(ascending[i])) << name_of(type) << " " << i;
    }
  };
  least(Type::boolean, {Value::boolean(false), Value::boolean(true)});
  least(Type::integer,
        {Value::integer(INT64_MIN), Value::integer(-1), Value::integer(0), Value::integer(256)});
  least(Type::decimal,
        {decimal("-99999999999999999999999999999999999999"), decimal("-256"), decimal("-255.999"),
         decimal("-0.000000000000000001"), decimal("0"), decimal("0.000000000000000001"), decimal("1"),
         decimal("255"), decimal("99999999999999999999999999999999999999")});
  least(Type::text,
        {Value::text(""), Value::text("a"), Value::text("ab"), Value::text("b"), Value::text("đ")});
  least(Type::timestamp, {Value::timestamp({-5}), Value::timestamp({0}), Value::timestamp({5})});
  least(Type::interval,
        {Value::interval({-1, 0, 0}), span_us(-1), span_us(0), Value::interval({0, 1, -1}),
         Value::interval({0, 29, 0}), Value::interval({1, 0, 0}), Value::interval({1, 0, 1})});
}

TEST(Accumulator, distinct_takes_values_that_sql_calls_equal_for_one) {
  OneMeasure numbers(spec(Aggregate::distinct, Type::decimal));
  for (const char* text : {"1", "1.0", "1.00", "2"})
    numbers.add(decimal(text));
  numbers.add(Value::integer(1));
  EXPECT_EQ(numbers.value().value, KpiValue::integer(2));
  OneMeasure intervals(spec(Aggregate::distinct, Type::interval));
  intervals.add(Value::interval({1, 0, 0}));
  intervals.add(Value::interval({0, 30, 0}));
  EXPECT_EQ(intervals.value().value, KpiValue::integer(1));
}

TEST(Accumulator, distinct_says_when_it_estimates_and_is_exact_again_after_retractions) {
  OneMeasure distinct(spec(Aggregate::distinct, Type::integer));
  for (int i = 0; i < 100; ++i)
    distinct.add(Value::integer(i));
  EXPECT_TRUE(distinct.value().estimated);
  for (int i = 5; i < 100; ++i)
    distinct.retract(Value::integer(i));
  EXPECT_FALSE(distinct.value().estimated);
  EXPECT_EQ(distinct.value().value, KpiValue::integer(5));
}

TEST(Accumulator, percentile_is_within_its_relative_error) {
  MeasureSpec median = spec(Aggregate::percentile, Type::integer);
  median.fraction = Decimal::from_units(5, 1);
  OneMeasure numbers(median);
  for (int i = 1; i <= 999; ++i)
    numbers.add(Value::integer(i));
  EXPECT_NEAR(numbers.value().value.as_decimal().to_double(), 500, 5);
  median.argument = Type::interval;
  OneMeasure intervals(median);
  intervals.add(Value::interval({0, 1, 0}));
  EXPECT_NEAR(static_cast<double>(intervals.value().value.as_interval().us), 86'400e6, 864e6);
}

TEST(Accumulator, percentile_sees_equal_decimals_as_equal_whatever_their_scale) {
  // Just below 2^55, an edge of a bucket: ten times as many units over 10 round up to it, the plain units do
  // not.
  constexpr std::int64_t kBelowEdge = 36'028'797'018'963'965;
  OneMeasure numbers(spec(Aggregate::percentile, Type::decimal));
  numbers.add(Value::decimal(Decimal::from_units(Int128{kBelowEdge} * 10, 1)));
  numbers.retract(Value::decimal(Decimal(kBelowEdge)));
  EXPECT_TRUE(numbers.empty());
}

TEST(Accumulator, rows_stay_small) {
  const auto bytes = [](Aggregate aggregate, Type type) {
    return AccumulatorLayout::compile({spec(aggregate, type)})->size();
  };
  EXPECT_EQ(bytes(Aggregate::count, Type::null), 16U);
  EXPECT_EQ(bytes(Aggregate::sum, Type::integer), 32U);
  EXPECT_EQ(bytes(Aggregate::avg, Type::interval), 32U);
  EXPECT_EQ(bytes(Aggregate::sum, Type::decimal), 48U);
  EXPECT_EQ(bytes(Aggregate::max, Type::text), 16U);
}

TEST(Accumulator, memory_of_the_heap_is_reported_and_bounded) {
  OneMeasure distinct(spec(Aggregate::distinct, Type::integer));
  EXPECT_EQ(distinct.memory_bytes(), 16U);
  for (int i = 0; i < 100'000; ++i)
    distinct.add(Value::integer(i));
  EXPECT_GT(distinct.memory_bytes(), 256U * 24U);
  EXPECT_LT(distinct.memory_bytes(), 64U * 1024U);
  OneMeasure max(spec(Aggregate::max, Type::text));
  const std::string text(1000, 'x');
  max.add(Value::text(text));
  EXPECT_GT(max.memory_bytes(), 1000U);
}

TEST(Accumulator, a_row_can_be_copied_and_moved_as_bytes) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = *AccumulatorLayout::compile(specs);
  std::vector<std::uint64_t> words(layout.size() / 8 * 2, ~std::uint64_t{0});
  std::byte* const first = reinterpret_cast<std::byte*>(words.data());
  std::byte* const second = first + layout.size();
  Source source;
  source.by_type[2] = Value::integer(7);
  source.by_type[4] = Value::text("a text too long to lie in its node");
  layout.create(first);
  contribute(layout, specs, first, source, 1);
  layout.move(second, first);
  EXPECT_TRUE(layout.is_empty(first));
  layout.copy(first, second);
  layout.destroy(second);
  EXPECT_TRUE(layout.is_empty(second));
  EXPECT_EQ(layout.value(first, 9).value, KpiValue::text("a text too long to lie in its node"));
  layout.destroy(first);
}

TEST(Accumulator, measures_that_have_no_meaning_are_refused) {
  const auto code = [](MeasureSpec measure) { return AccumulatorLayout::compile({measure}).error().code; };
  EXPECT_EQ(code(spec(Aggregate::sum, Type::text)), ErrorCode::type_mismatch);
  EXPECT_EQ(code(spec(Aggregate::sum, Type::timestamp)), ErrorCode::type_mismatch);
  EXPECT_EQ(code(spec(Aggregate::avg, Type::boolean)), ErrorCode::type_mismatch);
  EXPECT_EQ(code(spec(Aggregate::percentile, Type::text)), ErrorCode::type_mismatch);
  EXPECT_EQ(code(spec(Aggregate::ratio, Type::integer, Type::interval)), ErrorCode::type_mismatch);
  MeasureSpec percentile = spec(Aggregate::percentile, Type::integer);
  percentile.fraction = Decimal::from_units(101, 2);
  EXPECT_EQ(code(percentile), ErrorCode::invalid_value);
  percentile.fraction = Decimal(1);
  percentile.relative_error = 0;
  EXPECT_EQ(code(percentile), ErrorCode::invalid_value);
  MeasureSpec distinct = spec(Aggregate::distinct, Type::text);
  distinct.distinct_bound = kDistinctBoundMax + 1;
  EXPECT_EQ(code(distinct), ErrorCode::invalid_value);
  distinct.distinct_bound = 0;
  distinct.distinct_precision = 3;
  EXPECT_EQ(code(distinct), ErrorCode::invalid_value);
}

TEST(Accumulator, bytes_of_another_layout_are_refused) {
  const AccumulatorLayout narrow = *AccumulatorLayout::compile({spec(Aggregate::max, Type::integer)});
  const AccumulatorLayout wide = *AccumulatorLayout::compile({spec(Aggregate::max, Type::boolean)});
  AccumulatorRow row(narrow), read(wide);
  const Value nine = Value::integer(9);
  narrow.accumulate(row.bytes(), 0, {&nine, nullptr, {}, 0}, 1);
  const auto result = wide.deserialize(read.bytes(), bytes_of(narrow, row));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::store_corrupt);
  EXPECT_TRUE(wide.is_empty(read.bytes()));
}

TEST(AccumulatorDeathTest, a_retraction_from_an_append_only_measure_is_a_bug) {
  MeasureSpec measure = spec(Aggregate::max, Type::integer);
  measure.append_only = true;
  OneMeasure max(measure);
  EXPECT_DEATH(max.retract(Value::integer(1)), "append-only");
}

}  // namespace
}  // namespace slipstream
