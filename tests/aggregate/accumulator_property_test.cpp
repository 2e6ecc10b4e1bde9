// Guarantee G1 for every aggregate: a row tells the multiset of its contributions and nothing of its history.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/aggregate/accumulator_rows.h"

namespace slipstream {
namespace {

struct Addition {
  const Source* source;
  int sign;
};

// `kept` and, with their retractions, `gone`, in any order.
std::vector<Addition> shuffled_history(const std::vector<Source>& kept, const std::vector<Source>& gone) {
  std::vector<Addition> steps;
  for (const Source& source : kept)
    steps.push_back({&source, 1});
  for (const Source& source : gone) {
    steps.push_back({&source, 1});
    steps.push_back({&source, -1});
  }
  for (std::size_t i = steps.size(); i > 1; --i)
    std::swap(steps[i - 1], steps[*rc::gen::inRange<std::size_t>(0, i)]);
  return steps;
}

RC_GTEST_PROP(Accumulator, any_order_of_additions_retractions_and_merges_gives_the_same_row, ()) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = layout_of(specs);
  const auto kept = *some_sources(), gone = *some_sources();
  AccumulatorRow row(layout), added(layout), subtracted(layout), fresh(layout);
  for (const Addition& step : shuffled_history(kept, gone)) {
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        contribute(layout, specs, row.bytes(), *step.source, step.sign);
        break;
      case 1:
        contribute(layout, specs, added.bytes(), *step.source, step.sign);
        break;
      default:
        contribute(layout, specs, subtracted.bytes(), *step.source, -step.sign);
        break;
    }
  }
  layout.merge(row.bytes(), added.bytes(), 1);
  layout.merge(row.bytes(), subtracted.bytes(), -1);
  for (const Source& source : kept)
    contribute(layout, specs, fresh.bytes(), source, 1);

  RC_ASSERT(bytes_of(layout, row) == bytes_of(layout, fresh));
  RC_ASSERT(values_of(layout, row) == values_of(layout, fresh));
  RC_ASSERT(layout.is_empty(row.bytes()) == kept.empty());
  layout.merge(row.bytes(), fresh.bytes(), -1);
  RC_ASSERT(layout.is_empty(row.bytes()));
  RC_ASSERT(bytes_of(layout, row) == bytes_of(layout, AccumulatorRow(layout)));
}

RC_GTEST_PROP(Accumulator, append_only_rows_are_the_same_in_any_order_and_read_like_retractable_ones, ()) {
  auto specs = every_aggregate();
  const AccumulatorLayout retractable = layout_of(specs);
  for (MeasureSpec& measure : specs)
    measure.append_only = true;
  const AccumulatorLayout layout = layout_of(specs);
  const auto sources = *some_sources();
  AccumulatorRow row(layout), other(layout), fresh(layout), reference(retractable);
  for (const Addition& step : shuffled_history(sources, {}))
    contribute(layout, specs, *rc::gen::arbitrary<bool>() ? row.bytes() : other.bytes(), *step.source, 1);
  layout.merge(row.bytes(), other.bytes(), 1);
  for (const Source& source : sources) {
    contribute(layout, specs, fresh.bytes(), source, 1);
    contribute(retractable, specs, reference.bytes(), source, 1);
  }
  RC_ASSERT(bytes_of(layout, row) == bytes_of(layout, fresh));
  RC_ASSERT(values_of(layout, row) == values_of(retractable, reference));
}

RC_GTEST_PROP(Accumulator, a_stored_row_comes_back, ()) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = layout_of(specs);
  AccumulatorRow row(layout), read(layout);
  for (const Source& source : *some_sources())
    contribute(layout, specs, row.bytes(), source, *rc::gen::element(1, 1, 1, -1));
  const std::string bytes = bytes_of(layout, row);
  RC_ASSERT(layout.deserialize(read.bytes(), bytes).has_value());
  RC_ASSERT(bytes_of(layout, read) == bytes);
  RC_ASSERT(values_of(layout, read) == values_of(layout, row));
  const AccumulatorRow copied(row);
  RC_ASSERT(bytes_of(layout, copied) == bytes);
}

// What a column of the sources holds, NULLs left out.
std::vector<Value> present(const std::vector<Source>& sources, Type type) {
  std::vector<Value> values;
  for (const Source& source : sources)
    if (!source.of(type).is_null()) values.push_back(source.of(type));
  return values;
}

Rational number(const Value& value) {
  return value.type() == Type::integer ? Rational(value.as_integer()) : to_rational(value.as_decimal());
}

RC_GTEST_PROP(Accumulator, values_are_what_sql_computes, ()) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = layout_of(specs);
  const auto sources = *rc::gen::nonEmpty(some_sources());
  AccumulatorRow row(layout);
  for (const Source& source : sources)
    contribute(layout, specs, row.bytes(), source, 1);
  const auto value = [&](std::size_t measure) { return layout.value(row.bytes(), measure); };

  RC_ASSERT(layout.rows(row.bytes()) == static_cast<std::int64_t>(sources.size()));
  RC_ASSERT(value(0).value == KpiValue::integer(static_cast<std::int64_t>(sources.size())));
  const auto texts = present(sources, Type::text);
  RC_ASSERT(value(1).value == KpiValue::integer(static_cast<std::int64_t>(texts.size())));

  const auto decimals = present(sources, Type::decimal);
  RC_ASSERT(value(3).value.is_null() == decimals.empty());
  if (!decimals.empty()) {
    Rational sum = 0, least = number(decimals[0]);
    std::set<Rational> distinct;
    for (const Value& decimal : decimals) {
      sum += number(decimal);
      least = std::min(least, number(decimal));
      distinct.insert(number(decimal));
    }
    RC_ASSERT(value(3).value == KpiValue::decimal(sum));
    RC_ASSERT(value(5).value == KpiValue::decimal(sum / static_cast<std::int64_t>(decimals.size())));
    RC_ASSERT(value(8).value == KpiValue::decimal(least));
    RC_ASSERT(value(15).estimated == (distinct.size() > 5));
    if (distinct.size() <= 5)
      RC_ASSERT(value(15).value == KpiValue::integer(static_cast<std::int64_t>(distinct.size())));
  }
  if (!texts.empty()) {
    std::string_view greatest;
    for (const Value& text : texts)
      greatest = std::max(greatest, text.as_text());
    RC_ASSERT(value(9).value == KpiValue::text(greatest));
  }
  const auto intervals = present(sources, Type::interval);
  if (!intervals.empty()) {
    Rational sum = 0;
    for (const Value& interval : intervals)
      sum += Rational(static_cast<std::int64_t>(comparable_us(interval.as_interval())));
    RC_ASSERT(value(4).exact_us == sum);
    RC_ASSERT(value(6).exact_us == Rational(sum / static_cast<std::int64_t>(intervals.size())));
  }
}

RC_GTEST_PROP(Accumulator, first_and_last_follow_the_window_column_then_the_tie, ()) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = layout_of(specs);
  const auto sources = *some_sources();
  AccumulatorRow row(layout);
  std::map<std::tuple<Timestamp, std::uint64_t, std::int64_t>, Value> integers;
  std::map<std::tuple<Timestamp, std::uint64_t, std::string_view>, Value> texts;
  for (const Source& source : sources) {
    contribute(layout, specs, row.bytes(), source, 1);
    const Value &integer = source.of(Type::integer), &text = source.of(Type::text);
    if (!integer.is_null()) integers[{source.order_at, source.order_tie, integer.as_integer()}] = integer;
    if (!text.is_null()) texts[{source.order_at, source.order_tie, text.as_text()}] = text;
  }
  RC_ASSERT(layout.value(row.bytes(), 12).value ==
            (integers.empty() ? KpiValue::null() : to_kpi_value(integers.begin()->second)));
  RC_ASSERT(layout.value(row.bytes(), 13).value ==
            (texts.empty() ? KpiValue::null() : to_kpi_value(texts.rbegin()->second)));
}

// Whatever the bytes were, a row that was read can be used.
void use(const AccumulatorLayout& layout, AccumulatorRow& row) {
  values_of(layout, row);
  bytes_of(layout, row);
  AccumulatorRow twice(row);
  layout.merge(twice.bytes(), row.bytes(), 1);
  values_of(layout, twice);
  layout.merge(twice.bytes(), row.bytes(), -1);
  bytes_of(layout, twice);
}

RC_GTEST_PROP(Accumulator, damaged_bytes_are_refused_or_read_as_some_row, ()) {
  const auto specs = every_aggregate();
  const AccumulatorLayout layout = layout_of(specs);
  AccumulatorRow row(layout);
  for (const Source& source : *some_sources())
    contribute(layout, specs, row.bytes(), source, 1);
  const std::string bytes = bytes_of(layout, row);

  AccumulatorRow from_cut(layout);
  const auto length = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT(!layout.deserialize(from_cut.bytes(), std::string_view(bytes).substr(0, length)).has_value());
  RC_ASSERT(layout.is_empty(from_cut.bytes()));

  std::string damaged = bytes;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i)
    damaged[*rc::gen::inRange<std::size_t>(0, damaged.size())] = *rc::gen::arbitrary<char>();
  AccumulatorRow from_damaged(layout);
  if (layout.deserialize(from_damaged.bytes(), damaged)) use(layout, from_damaged);

  const auto noise = *rc::gen::arbitrary<std::string>();
  AccumulatorRow from_noise(layout);
  if (layout.deserialize(from_noise.bytes(), noise)) use(layout, from_noise);
}

}  // namespace
}  // namespace slipstream
