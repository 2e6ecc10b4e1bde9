// What finding a slice's row and adding to it costs: in memory, many together, and from the store.
#include <benchmark/benchmark.h>

#include "benchmarks/micro/city.h"
#include "benchmarks/micro/counted.h"
#include "engine/aggregate/row_table.h"
#include "engine/state/memory_store.h"

namespace slipstream::bench {
namespace {

constexpr int kRows = 1000;

void add(RowTable& table, SliceRow& row, const Contribution& contribution) {
  table.mark_dirty(row);
  for (const MeasureValues& input : contribution.inputs)
    table.layout().accumulate(row.state(), input.measure, {&input.argument, &input.denominator, {}, 0}, +1);
  table.layout().count_row(row.state(), +1);
}

struct Slices {
  Slices() {
    for (const Contribution& contribution : contributions)
      add(table, *must(table.find_or_load(RowName(contribution.node, contribution.slice))), contribution);
  }
  // All rows as a commit would have stored them.
  void store_rows() {
    StateBatch batch;
    table.seal(batch, [](const SliceRow&, std::string_view) {});
    must(store.apply(batch, false));
  }

  const Plan plan = plan_of(kAir);
  const Readings readings{kRows, 3};
  EntityContributions entity_contributions{plan};
  const std::vector<Contribution> contributions = contributions_of(readings, entity_contributions);
  MemoryStore store;
  RowTable table{plan.views[0].id, plan.views[0].layout, Family::rows, store};
};

void update_slice(benchmark::State& state) {
  Slices slices;
  std::size_t next = 0;
  for (auto _ : state) {
    const Contribution& contribution = slices.contributions[next];
    add(slices.table, *must(slices.table.find_or_load(RowName(contribution.node, contribution.slice))),
        contribution);
    next = next + 1 == slices.contributions.size() ? 0 : next + 1;
  }
}
BENCHMARK(update_slice)->Apply(counted<10'000>);

void find_slices(Slices& slices, std::vector<SliceRow*>& rows) {
  std::vector<RowName> names;
  names.reserve(slices.contributions.size());
  for (const Contribution& contribution : slices.contributions)
    names.emplace_back(contribution.node, contribution.slice);
  must(slices.table.find_or_load(names, rows));
}

void update_slices_together(benchmark::State& state) {
  Slices slices;
  std::vector<SliceRow*> rows;
  for (auto _ : state) {
    find_slices(slices, rows);
    for (std::size_t i = 0; i < rows.size(); ++i)
      add(slices.table, *rows[i], slices.contributions[i]);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(update_slices_together)->Apply(counted<20>);

// Rows that memory had no room for: read from the store, and dropped again.
void load_slices(benchmark::State& state) {
  Slices slices;
  slices.store_rows();
  std::vector<SliceRow*> rows;
  for (auto _ : state) {
    slices.table.shrink(0);
    find_slices(slices, rows);
    benchmark::DoNotOptimize(rows);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(load_slices)->Apply(counted<20>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
