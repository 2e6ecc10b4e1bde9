#include "tests/simulator/simulation.h"

#include <fmt/format.h>

#include "engine/base/hash.h"
#include "engine/shard/local_engine.h"
#include "engine/state/memory_store.h"
#include "tests/simulator/checks.h"
#include "tests/simulator/deployment.h"

namespace slipstream::simulator {
namespace {

// Different questions to the seed do not disturb one another.
enum class Stream : std::uint64_t { workload = 1, faults = 2, deployment = 3, acts = 4 };
std::uint64_t seed_of(std::uint64_t seed, Stream stream) {
  return hash64(fmt::format("{}/{}", seed, static_cast<std::uint64_t>(stream)));
}

// The same workload without faults: what the other run is compared with.
class PlainRun {
 public:
  PlainRun(const Definitions& definitions, std::int32_t partitions)
      : definitions_(definitions), partitions_(partitions) {}

  // Adds to the moments people's acts on alerts that have started by then.
  Result<> run(Workload& workload, Dice& acts) {
    LocalEngine::Options options;
    options.partitions = partitions_;
    SLIPSTREAM_ASSIGN(engine_, LocalEngine::open(*definitions_.plan, options, log_,
                                                 [](Partition) -> Result<std::unique_ptr<Store>> {
                                                   return std::make_unique<MemoryStore>();
                                                 }));
    for (std::size_t i = 0; i < workload.moments.size(); ++i) {
      Moment& moment = workload.moments[i];
      SLIPSTREAM_TRY(engine_->advance_to(moment.clock));
      if (acts.one_in(3)) SLIPSTREAM_TRY(add_act(moment, 100'000 + i, acts));
      SLIPSTREAM_TRY(deliver(moment));
      SLIPSTREAM_TRY(engine_->judge());
    }
    return engine_->advance_to(workload.end);
  }

  Rested rested(Timestamp now) {
    Rested rested{log_, {definitions_.plan, {}}, engine_->counters(), now};
    for (std::int32_t i = 0; i < partitions_; ++i)
      rested.state.shards.push_back(engine_->store(static_cast<std::size_t>(i)).snapshot());
    return rested;
  }

 private:
  Result<> add_act(Moment& moment, std::size_t number, Dice& acts) {
    SLIPSTREAM_ASSIGN(const Journal journal, read_journal(rested(moment.clock)));
    std::vector<std::string> ids;
    for (const auto& [id, story] : journal)
      ids.push_back(id);
    if (!ids.empty()) moment.deliveries.push_back(WorkloadGenerator::act_on(ids, moment.clock, number, acts));
    return {};
  }

  Result<> deliver(const Moment& moment) {
    const TopicNames topics;
    for (const Delivery& delivery : moment.deliveries) {
      TopicPartition at = place_of(delivery, topics, partitions_);
      const OutputRecord record{std::move(at.topic), at.partition, delivery.key,
                                delivery.bytes,      {},           moment.clock};
      SLIPSTREAM_TRY(log_.append({&record, 1}));
    }
    return {};
  }

  const Definitions& definitions_;
  std::int32_t partitions_;
  MemoryLog log_;
  std::unique_ptr<LocalEngine> engine_;
};

Result<> run_deployment(Deployment& deployment, const Workload& workload, bool strict) {
  SLIPSTREAM_TRY(deployment.start());
  for (const Moment& moment : workload.moments) {
    if (strict) SLIPSTREAM_TRY(deployment.advance_to(moment.clock));
    SLIPSTREAM_TRY(deployment.deliver(moment));
    SLIPSTREAM_TRY(strict ? deployment.judge() : deployment.muddle_through(moment.clock));
  }
  if (strict) SLIPSTREAM_TRY(deployment.advance_to(workload.end));
  return deployment.come_to_rest();
}

Workload workload_of(const Definitions& definitions, std::uint64_t seed, const Options& options) {
  Workload workload = WorkloadGenerator(definitions, seed_of(seed, Stream::workload)).make();
  if (workload.moments.size() > options.moments_max) workload.moments.resize(options.moments_max);
  for (Moment& moment : workload.moments)
    std::erase_if(moment.deliveries, [&](const Delivery& d) { return options.left_out.contains(d.number); });
  return workload;
}

Model model_of(const Definitions& definitions, const Workload& workload,
               const std::set<std::string>& refused) {
  Model model(definitions);
  for (const Moment& moment : workload.moments)
    for (const Delivery& delivery : moment.deliveries)
      if (!refused.contains(delivery.bytes)) model.take(delivery, moment.clock);
  return model;
}

Result<Finding> compare(const Definitions& definitions, const Workload& workload, PlainRun& plain,
                        Deployment& deployment, bool strict, Outcome& outcome) {
  const Rested without = plain.rested(workload.end);
  const Rested rested{deployment.log(), deployment.committed(), deployment.counters(), workload.end};
  SLIPSTREAM_ASSIGN(const std::set<std::string> late, refused_as_late(rested));
  SLIPSTREAM_ASSIGN(const std::set<std::string> late_without, refused_as_late(without));
  const Model model = model_of(definitions, workload, late);
  outcome.tally.add(Count::moves, model.tree().moves());
  outcome.tally.add(Count::refused_moves, model.tree().refused());
  Result<Finding> finding = compare_with_recompute(rested, outcome.tally);
  if (finding && finding->empty()) finding = compare_with_model(rested, model);
  if (finding && finding->empty()) finding = compare_published_rows(rested, outcome.tally);
  if (finding && finding->empty()) {
    finding = compare_with_model(
        without, late == late_without ? model : model_of(definitions, workload, late_without));
    if (finding && !finding->empty()) *finding = "without faults: " + *finding;
  }
  if (finding && finding->empty() && late == late_without) {
    outcome.tally.add(Count::totals);
    finding = compare_totals(without, rested);
  }
  if (finding && finding->empty()) finding = check_conservation(rested, outcome.tally);
  if (finding && finding->empty() && late == late_without) finding = compare_dead_letters(without, rested);
  if (!finding || !finding->empty()) return finding;
  SLIPSTREAM_ASSIGN(const Journal before, read_journal(without));
  SLIPSTREAM_ASSIGN(const Journal journal, read_journal(rested));
  for (const auto& [id, story] : journal)
    outcome.trace_hash = hash64(story.back().transition.id, outcome.trace_hash);
  finding = check_alerts(rested, journal, outcome.tally);
  if (finding && finding->empty())
    finding = compare_decisions(definitions, before, journal, strict, model.tree());
  return finding;
}

Result<Finding> run(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& options,
                    Outcome& outcome) {
  Dice dice(seed_of(seed, Stream::faults));
  const Definitions& definitions = dice.of(pool);
  const std::int32_t plain_partitions = dice.one_in(4) ? 2 : 1;
  const FaultPlan faults = choose_faults(dice, options.faults);
  outcome.settings =
      fmt::format("definitions {}, {}, partitions {} (without faults {}), processes {}", definitions.name,
                  faults.strict ? "strict" : "loose", faults.partitions, plain_partitions, faults.processes);
  Workload workload = workload_of(definitions, seed, options);
  Dice acts(seed_of(seed, Stream::acts));
  PlainRun plain(definitions, plain_partitions);
  SLIPSTREAM_TRY(plain.run(workload, acts));
  if (options.describes) {
    for (const Moment& moment : workload.moments)
      for (const Delivery& delivery : moment.deliveries)
        outcome.deliveries.push_back(format_timestamp(moment.clock) + " " + describe(delivery));
    outcome.deliveries.push_back(format_timestamp(workload.end) + " end");
  }

  Deployment deployment(definitions, faults, seed_of(seed, Stream::deployment), options.sabotage,
                        workload.end);
  const Result<> ran = run_deployment(deployment, workload, faults.strict);
  outcome.trace = deployment.trace();
  outcome.trace_hash = deployment.trace_hash();
  outcome.tally += deployment.tally();
  outcome.tally.add(Count::schedules);
  if (faults.strict) outcome.tally.add(Count::strict);
  if (faults.hot_bytes_max < 10'000) outcome.tally.add(Count::evictions);
  SLIPSTREAM_TRY(ran);
  return compare(definitions, workload, plain, deployment, faults.strict, outcome);
}

bool fails(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& options) {
  return !simulate(pool, seed, options).finding.empty();
}

std::size_t deliveries_of(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& options) {
  Dice dice(seed_of(seed, Stream::faults));
  std::size_t last = 0;
  for (const Moment& moment : workload_of(dice.of(pool), seed, options).moments)
    for (const Delivery& delivery : moment.deliveries)
      last = delivery.number + 1;
  return last;
}

}  // namespace

Outcome simulate(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& options) {
  Outcome outcome;
  const Result<Finding> finding = run(pool, seed, options, outcome);
  outcome.finding = finding
                        ? *finding
                        : fmt::format("error {}: {}", name_of(finding.error().code), finding.error().message);
  return outcome;
}

Options shrink(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& failing) {
  Options smaller = failing;
  const auto accept = [&](const Options& candidate) {
    if (fails(pool, seed, candidate)) smaller = candidate;
  };
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    Options candidate = smaller;
    candidate.faults &= ~(1U << kind);
    accept(candidate);
  }
  for (std::size_t moments = 1; moments < 12 && smaller.moments_max == SIZE_MAX; ++moments) {
    Options candidate = smaller;
    candidate.moments_max = moments;
    accept(candidate);
  }
  const std::size_t deliveries = deliveries_of(pool, seed, smaller);
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t number = deliveries; number-- > 0;) {
      if (smaller.left_out.contains(number)) continue;
      Options candidate = smaller;
      candidate.left_out.insert(number);
      accept(candidate);
    }
  smaller.describes = true;
  return smaller;
}

std::string report(std::uint64_t seed, const Options& options, const Outcome& outcome) {
  std::string text =
      fmt::format("seed {} {}\n  {}\n", seed,
                  outcome.finding.empty() ? "is as promised" : "fails: " + outcome.finding, outcome.settings);
  std::string kinds;
  for (std::size_t i = 0; i < kFaultKinds; ++i)
    if ((options.faults >> i & 1U) != 0)
      kinds += (kinds.empty() ? "" : ", ") + std::string(name_of(static_cast<FaultKind>(i)));
  text += "  faults: " + (kinds.empty() ? "none" : kinds) + "\n  records:\n";
  for (const std::string& delivery : outcome.deliveries)
    text += "    " + delivery + "\n";
  return text + "  trace: " + outcome.trace + "\n  reproduce: slipstream_simulator --seed " +
         std::to_string(seed) + "\n";
}

}  // namespace slipstream::simulator
