// What holding a figure against its target costs: the arithmetic alone, and all that a changed node asks of the judge.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "benchmarks/micro/city.h"
#include "benchmarks/micro/counted.h"
#include "engine/judge/figure.h"
#include "engine/judge/judgement.h"
#include "engine/shard/judging.h"
#include "engine/state/memory_store.h"

namespace slipstream::bench {
namespace {

constexpr int kSensors = 100;

constexpr std::string_view kCleanAir = R"yaml(
time_zone: UTC
organisation: { root: city }
views:
  air:
    from: observations
    window: { every: day }
    measures: { readings: count(*), dusty: count(*) filter (where value > 9) }
kpis:
  clean_share: { value: "100.0 * (readings - dusty) / nullif(readings, 0)", unit: percent }
targets:
  - { kpi: clean_share, every: day, target: 80, amber: 5, trajectory: linear }
alerts:
  dusty_air: { kpi: clean_share, nodes: "*", when: status = 'red', for: 1 hour }
)yaml";

// A judge over sensors' rows, and the readings that change them.
class Judged {
 public:
  Judged(std::string_view definitions, int depth) : plan_(plan_of(definitions)), readings_(kSensors, depth) {}

  void change() {
    must(roll_up_.apply(contributions_));
    must(roll_up_.refresh_totals());
  }
  Judging& judging() { return judging_; }

 private:
  const Plan plan_;
  const Readings readings_;
  EntityContributions entity_contributions_{plan_};
  const std::vector<Contribution> contributions_ = contributions_of(readings_, entity_contributions_);
  const MemoryStore store_;
  RollUp roll_up_{plan_, Partition(0), 1, store_};
  const Reference reference_{plan_, roll_up_, store_};
  Judging judging_{plan_, roll_up_, reference_, store_};
};

// From finished measures to status, gap, attainment and forecast.
void judge_figure(benchmark::State& state) {
  const Plan plan = plan_of(kCleanAir);
  const KpiPlan& kpi = plan.kpis[0];
  const Period day{kNow, kNow + days(1)};
  const Timestamp at = kNow + hours(8);
  const std::vector<KpiValue> measures{KpiValue::integer(1440), KpiValue::integer(97)};
  Arena arena;
  for (auto _ : state) {
    const KpiValue value = kpi_value(plan, kpi, measures, day, "7/71", at, arena);
    const auto target = resolve(plan.targets[0], {}, day, plan.zone, at);
    benchmark::DoNotOptimize(judge(kpi, &*target, plan.zone, number_of(value), at));
    arena.clear();
  }
}
BENCHMARK(judge_figure)->Apply(counted<1000>);

// A commit's judgement of nodes that have each had one more reading; nothing begins or ends.
void judge_changed_nodes(benchmark::State& state) {
  Judged judged(kCleanAir, 1);
  for (auto _ : state) {
    judged.change();
    benchmark::DoNotOptimize(must(judged.judging().judge(kNow + hours(8))));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(judged.judging().judgements()));
}
BENCHMARK(judge_changed_nodes)->Apply(counted<20>);

// Changed nodes that no rule looks at, as most sensors are, by the number of rules.
void pass_by_nodes(benchmark::State& state) {
  std::string definitions(kCleanAir);
  for (std::int64_t i = 1; i < state.range(0); ++i)
    definitions +=
        fmt::format("  dusty_air_{0}: {{ kpi: clean_share, nodes: \"*\", when: value < {0} }}\n", i);
  Judged judged(definitions, 2);
  for (auto _ : state) {
    judged.change();
    judged.judging().forget_changes();
  }
  state.SetItemsProcessed(state.iterations() * kSensors);
}
BENCHMARK(pass_by_nodes)->ArgName("rules")->Arg(1)->Arg(1000)->Apply(counted<20>);

}  // namespace
}  // namespace slipstream::bench

BENCHMARK_MAIN();
