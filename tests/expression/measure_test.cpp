// Measures: one aggregate call, its types and its errors.
#include <gtest/gtest.h>

#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

// "avg interval" with "; distinct" style parts, or the error codes with places.
std::string summary(std::string_view text) {
  const SampleRow sample;
  std::vector<ExpressionError> errors;
  const auto measure = compile_measure(text, sample.scope, errors);
  std::string out;
  if (!measure) {
    for (const ExpressionError& error : errors)
      out +=
          (out.empty() ? "" : " ") + std::string(name_of(error.code)) + "@" + std::to_string(error.position);
    return out;
  }
  EXPECT_TRUE(errors.empty());
  out = std::string(name_of(measure->aggregate)) + " " + std::string(name_of(measure->type));
  if (measure->filter) out += " filtered";
  return out;
}

MeasureExpression measure_of(std::string_view text) {
  const SampleRow sample;
  std::vector<ExpressionError> errors;
  auto measure = compile_measure(text, sample.scope, errors);
  EXPECT_TRUE(measure.has_value()) << text;
  return measure.value_or(MeasureExpression{});
}

TEST(Measure, HasTheTypeOfItsFinishedValue) {
  const std::pair<const char*, const char*> kRows[] = {
      {"count(*)", "count integer"},
      {"count(completed_at)", "count integer"},
      {"count(distinct name)", "count_distinct integer"},
      {"sum(seven)", "sum decimal"},
      {"sum(price * 2)", "sum decimal"},
      {"sum(span)", "sum interval"},
      {"sum(case when due_at < now() then seven else 0 end)", "sum decimal"},
      {"avg(seven)", "avg decimal"},
      {"avg(completed_at - due_at)", "avg interval"},
      {"avg(due_at)", "avg timestamp"},
      {"min(name)", "min text"},
      {"max(seven)", "max integer"},
      {"max(due_at)", "max timestamp"},
      {"first(price)", "first decimal"},
      {"last(yes)", "last boolean"},
      {"percentile_cont(0.95) within group (order by price)", "percentile_cont decimal"},
      {"percentile_cont(0.5) within group (order by completed_at - due_at)", "percentile_cont interval"},
      {"ratio(price, seven)", "ratio decimal"},
      {"count(*) filter (where completed_at is null and due_at < now())", "count integer filtered"},
      {"ratio(price, 1) filter (where yes)", "ratio decimal filtered"},
  };
  for (const auto& [text, expected] : kRows)
    EXPECT_EQ(summary(text), expected) << text;
}

TEST(Measure, KeepsItsParts) {
  const MeasureExpression ratio = measure_of("ratio(price, seven) filter (where yes)");
  EXPECT_EQ(ratio.argument.as_column(), 5);
  EXPECT_EQ(ratio.denominator.as_column(), 3);
  EXPECT_EQ(ratio.filter.as_column(), 0);
  EXPECT_FALSE(measure_of("count(*)").argument);
  EXPECT_FALSE(measure_of("count(*)").filter);
  EXPECT_TRUE(measure_of("count(distinct name)").argument);
}

TEST(Measure, ADescendingPercentileIsTheAscendingOneOfTheRest) {
  EXPECT_EQ(measure_of("percentile_cont(0.95) within group (order by price)").fraction,
            Decimal::from_units(95, 2));
  EXPECT_EQ(measure_of("percentile_cont(0.95) within group (order by price desc)").fraction,
            Decimal::from_units(5, 2));
  EXPECT_EQ(measure_of("percentile_cont(1) within group (order by price)").fraction, Decimal(1));
}

TEST(Measure, RefusesWhatIsNotOneAggregateCall) {
  const std::pair<const char*, const char*> kRows[] = {
      {"seven", "type_mismatch@0"},
      {"sum(seven) / count(*)", "type_mismatch@11"},
      {"upper(name)", "type_mismatch@0"},
      {"100.0", "type_mismatch@0"},
      {"avgg(seven)", "unknown_name@0"},
      {"stddev(seven)", "not_supported@0"},
      {"sum(max(seven))", "not_supported@4"},
      {"count(*) filter (where sum(seven) > 1)", "not_supported@23"},
      {"sum(*)", "type_mismatch@0"},
      {"sum()", "type_mismatch@0"},
      {"count()", "type_mismatch@0"},
      {"sum(seven, 2)", "type_mismatch@0"},
      {"ratio(price)", "type_mismatch@0"},
      {"sum(distinct seven)", "not_supported@0"},
      {"sum(seven order by seven)", "not_supported@0"},
      {"sum(name)", "type_mismatch@4"},
      {"sum(due_at)", "type_mismatch@4"},
      {"avg(yes)", "type_mismatch@4"},
      {"ratio(price, due_at)", "type_mismatch@13"},
      {"sum(null)", "type_mismatch@4"},
      {"percentile_cont(0.5)", "type_mismatch@0"},
      {"percentile_cont(1.5) within group (order by price)", "invalid_value@16"},
      {"percentile_cont(price) within group (order by price)", "invalid_value@16"},
      {"percentile_cont(0.5) within group (order by price, seven)", "type_mismatch@16"},
      {"percentile_cont(0.5) within group (order by name)", "type_mismatch@44"},
      {"sum(seven) over ()", "not_supported@0"},
      {"avg(now() - assigned_at)", "type_mismatch@10"},
      {"max(date_trunc('day', now()))", "type_mismatch@4"},
      {"count(*) filter (where seven)", "type_mismatch@23"},
      {"sum(pryce) filter (where dueat < now())", "unknown_name@4 unknown_name@25"},
  };
  for (const auto& [text, expected] : kRows)
    EXPECT_EQ(summary(text), expected) << text;
}

}  // namespace
}  // namespace slipstream::testing
