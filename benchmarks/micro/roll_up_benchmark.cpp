// What a contribution costs from the node it lands on up to the root, by the depth of that node.
#include <benchmark/benchmark.h>

#include "benchmarks/micro/city.h"
#include "benchmarks/micro/counted.h"
#include "engine/rollup/roll_up.h"
#include "engine/state/memory_store.h"

namespace slipstream::bench {
namespace {

constexpr int kSensors = 1000;

struct City {
  City(int depth, std::int32_t partitions)
      : readings(kSensors, depth), roll_up(plan, Partition(0), partitions, store) {}
  const Plan plan = plan_of(kAir);
  const Readings readings;
  EntityContributions entity_contributions{plan};
  const std::vector<Contribution> contributions = contributions_of(readings, entity_contributions);
  const MemoryStore store;
  RollUp roll_up;
};

// As observations do: what gathers in a place goes on upwards as one sum.
void roll_up_together(benchmark::State& state) {
  City city(static_cast<int>(state.range(0)), 1);
  for (auto _ : state) {
    must(city.roll_up.apply(city.contributions));
    must(city.roll_up.settle());
  }
  state.SetItemsProcessed(state.iterations() * kSensors);
}
BENCHMARK(roll_up_together)->ArgName("depth")->Arg(1)->Arg(3)->Arg(6)->Apply(counted<20>);

// As tasks and figures do: every row on the way up changes at once.
void roll_up_one(benchmark::State& state) {
  City city(static_cast<int>(state.range(0)), 1);
  std::size_t next = 0;
  for (auto _ : state) {
    must(city.roll_up.apply(city.contributions[next], +1));
    next = next + 1 == city.contributions.size() ? 0 : next + 1;
  }
}
BENCHMARK(roll_up_one)->ArgName("depth")->Arg(1)->Arg(3)->Arg(6)->Apply(counted<10'000>);

// A replacement from another shard, merged into the total of a node that this one owns.
void merge_partial(benchmark::State& state) {
  constexpr std::int32_t kPartitions = 2;
  City city(3, kPartitions);
  std::vector<const Contribution*> owned;
  for (const Contribution& contribution : city.contributions)
    if (city.roll_up.owns(contribution.node)) owned.push_back(&contribution);
  const ViewPlan& view = city.plan.views[0];
  AccumulatorRow row(view.layout);
  view.layout.count_row(row.bytes(), +1);
  std::string bytes;
  view.layout.serialize(row.bytes(), bytes);
  CommitSequence sequence;
  for (auto _ : state) {
    sequence = sequence.next();
    for (const Contribution* contribution : owned)
      must(city.roll_up.receive(
          {Partition(1), sequence, view.id, contribution->node, contribution->slice, bytes}));
    must(city.roll_up.refresh_totals());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(owned.size()));
}
BENCHMARK(merge_partial)->Apply(counted<20>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
