// What one contribution costs in a row that is in cache.
#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/micro/counted.h"
#include "engine/aggregate/accumulator.h"

namespace slipstream::bench {
namespace {

MeasureSpec spec(Aggregate aggregate, Type argument) {
  MeasureSpec made;
  made.aggregate = aggregate;
  made.argument = argument;
  made.counts_rows = aggregate == Aggregate::count;
  return made;
}

void accumulate_one(benchmark::State& state, const MeasureSpec& measure,
                    const std::vector<Value>& arguments) {
  const AccumulatorLayout layout = *AccumulatorLayout::compile({measure});
  AccumulatorRow row(layout);
  std::size_t next = 0;
  for (auto _ : state) {
    layout.accumulate(row.bytes(), 0, {&arguments[next], nullptr, {}, 0}, 1);
    benchmark::ClobberMemory();
    next = next + 1 == arguments.size() ? 0 : next + 1;
  }
}

std::vector<Value> integers(std::int64_t size) {
  std::vector<Value> values;
  for (std::int64_t i = 0; i < size; ++i)
    values.push_back(Value::integer(i * 7919 % 1'000'003));
  return values;
}

std::vector<Value> decimals(std::int64_t size) {
  std::vector<Value> values;
  for (std::int64_t i = 0; i < size; ++i)
    values.push_back(Value::decimal(Decimal::from_units(i * 7919 % 1'000'003 - 500'000, 2)));
  return values;
}

void count_rows(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::count, Type::null), integers(64));
}
void sum_integer(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::sum, Type::integer), integers(64));
}
void sum_decimal(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::sum, Type::decimal), decimals(64));
}
void percentile(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::percentile, Type::decimal), decimals(4096));
}
void distinct_exact(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::distinct, Type::integer), integers(900));
}
void distinct_sketched(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::distinct, Type::integer), integers(65'536));
}
void max_of_thousands(benchmark::State& state) {
  accumulate_one(state, spec(Aggregate::max, Type::integer), integers(4096));
}

void merge_eight_sums(benchmark::State& state) {
  const AccumulatorLayout layout =
      *AccumulatorLayout::compile(std::vector<MeasureSpec>(8, spec(Aggregate::sum, Type::decimal)));
  AccumulatorRow row(layout), other(layout);
  for (auto _ : state) {
    layout.merge(row.bytes(), other.bytes(), 1);
    benchmark::ClobberMemory();
  }
}

BENCHMARK(count_rows)->Apply(counted<10'000>);
BENCHMARK(sum_integer)->Apply(counted<10'000>);
BENCHMARK(sum_decimal)->Apply(counted<10'000>);
BENCHMARK(percentile)->Apply(counted<10'000>);
BENCHMARK(distinct_exact)->Apply(counted<10'000>);
BENCHMARK(distinct_sketched)->Apply(counted<10'000>);
BENCHMARK(max_of_thousands)->Apply(counted<10'000>);
BENCHMARK(merge_eight_sums)->Apply(counted<10'000>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
