// Rows for the accumulator tests: a layout with every aggregate, and random contributions to it.
#pragma once

#include <rapidcheck.h>

#include <array>
#include <string>
#include <vector>

#include "engine/aggregate/accumulator.h"

namespace slipstream {

inline MeasureSpec spec(Aggregate aggregate, Type argument, Type denominator = Type::null) {
  MeasureSpec made;
  made.aggregate = aggregate;
  made.argument = argument;
  made.denominator = denominator;
  made.counts_rows = aggregate == Aggregate::count && argument == Type::null;
  made.fraction = Decimal::from_units(75, 2);
  made.distinct_bound = 5;
  made.distinct_precision = 6;
  return made;
}

inline std::vector<MeasureSpec> every_aggregate() {
  return {spec(Aggregate::count, Type::null),
          spec(Aggregate::count, Type::text),
          spec(Aggregate::sum, Type::integer),
          spec(Aggregate::sum, Type::decimal),
          spec(Aggregate::sum, Type::interval),
          spec(Aggregate::avg, Type::decimal),
          spec(Aggregate::avg, Type::interval),
          spec(Aggregate::avg, Type::timestamp),
          spec(Aggregate::min, Type::decimal),
          spec(Aggregate::max, Type::text),
          spec(Aggregate::min, Type::interval),
          spec(Aggregate::max, Type::boolean),
          spec(Aggregate::first, Type::integer),
          spec(Aggregate::last, Type::text),
          spec(Aggregate::distinct, Type::integer),
          spec(Aggregate::distinct, Type::decimal),
          spec(Aggregate::percentile, Type::decimal),
          spec(Aggregate::percentile, Type::interval),
          spec(Aggregate::ratio, Type::integer, Type::decimal)};
}

inline AccumulatorLayout layout_of(const std::vector<MeasureSpec>& specs) {
  auto layout = AccumulatorLayout::compile(specs);
  RC_ASSERT(layout.has_value());
  return *std::move(layout);
}

// One source row: a value, or NULL, of each type.
struct Source {
  std::array<Value, 7> by_type;
  Timestamp order_at;
  std::uint64_t order_tie = 0;
  const Value& of(Type type) const { return by_type[static_cast<std::size_t>(type)]; }
};

inline rc::Gen<Source> some_source() {
  static const std::array<std::string, 4> kTexts = {"", "a", "ab", "nhiệm vụ quá hạn của phòng"};
  return rc::gen::exec([] {
    const auto present = [] { return *rc::gen::inRange(0, 5) != 0; };
    const auto number = *rc::gen::inRange<std::int64_t>(-9, 10);
    Source source;
    if (present()) source.by_type[1] = Value::boolean(number > 0);
    if (present()) source.by_type[2] = Value::integer(number);
    // 1.0 and 1.00 are one value, and an integer stands for a decimal.
    if (present()) {
      const int scale = *rc::gen::inRange(0, 3);
      source.by_type[3] =
          scale == 0 ? Value::integer(number)
                     : Value::decimal(Decimal::from_units(scale == 1 ? number * 10 : number * 100, scale));
    }
    if (present()) source.by_type[4] = Value::text(kTexts[*rc::gen::inRange<std::size_t>(0, kTexts.size())]);
    if (present()) source.by_type[5] = Value::timestamp({*rc::gen::inRange<std::int64_t>(0, 1'000'000)});
    if (present())
      source.by_type[6] =
          Value::interval({*rc::gen::inRange(0, 2), *rc::gen::inRange(0, 60), number * 500'000});
    source.order_at = {*rc::gen::inRange<std::int64_t>(0, 3)};
    source.order_tie = *rc::gen::inRange<std::uint64_t>(0, 3);
    return source;
  });
}

inline rc::Gen<std::vector<Source>> some_sources() {
  return rc::gen::container<std::vector<Source>>(some_source());
}

inline void contribute(const AccumulatorLayout& layout, const std::vector<MeasureSpec>& specs, std::byte* row,
                       const Source& source, int sign) {
  layout.count_row(row, sign);
  for (std::size_t i = 0; i < specs.size(); ++i)
    layout.accumulate(
        row, i,
        {&source.of(specs[i].argument), &source.of(specs[i].denominator), source.order_at, source.order_tie},
        sign);
}

inline std::string bytes_of(const AccumulatorLayout& layout, const AccumulatorRow& row) {
  std::string out;
  layout.serialize(row.bytes(), out);
  return out;
}

inline std::vector<KpiValue> values_of(const AccumulatorLayout& layout, const AccumulatorRow& row) {
  std::vector<KpiValue> values;
  for (std::size_t i = 0; i < layout.measures(); ++i)
    values.push_back(layout.value(row.bytes(), i).value);
  return values;
}

}  // namespace slipstream
