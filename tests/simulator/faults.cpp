#include "tests/simulator/faults.h"

#include <array>

#include "tests/simulator/tally.h"

namespace slipstream::simulator {
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {
    "crash",      "log_commit",     "store_batch", "state_lost", "takeover",    "repeated_append",
    "redelivery", "slow_partition", "clock",       "cleaning",   "small_polls", "small_memory"};

// Half of the schedules have a kind of fault at all, so that each is seen alone and with every other one.
OneIn rate(Dice& dice, bool allowed, std::int64_t low, std::int64_t high) {
  const bool wanted = dice.one_in(2);
  const auto one_in = static_cast<OneIn>(dice.between(low, high));
  return wanted && allowed ? one_in : 0;
}

}  // namespace

std::string_view name_of(FaultKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

FaultPlan choose_faults(Dice& dice, FaultMask mask) {
  const auto may = [&](FaultKind kind) { return (mask >> static_cast<unsigned>(kind) & 1U) != 0; };
  FaultPlan plan;
  plan.strict = !dice.one_in(3);
  plan.partitions = static_cast<std::int32_t>(dice.one_in(3)   ? 1
                                              : dice.one_in(2) ? dice.between(2, 3)
                                                               : dice.between(2, 8));
  plan.processes = static_cast<std::int32_t>(dice.between(1, 3));
  const bool small_polls = dice.one_in(2);
  const auto records = static_cast<std::size_t>(dice.between(1, 5));
  if (small_polls && may(FaultKind::small_polls)) plan.records_max = records;
  const std::uint64_t memory = dice.below(3);
  if (may(FaultKind::small_memory) && memory > 0) plan.hot_bytes_max = memory == 1 ? 0 : 6000;
  plan.clock_commit_every = dice.one_in(3) ? minutes(30) : Duration{};
  plan.log.crash_before_commit = rate(dice, may(FaultKind::crash), 20, 100);
  plan.log.crash_after_commit = rate(dice, may(FaultKind::crash), 10, 80);
  plan.log.refused_commit = rate(dice, may(FaultKind::log_commit), 10, 60);
  plan.log.unknown_outcome = rate(dice, may(FaultKind::log_commit), 10, 60);
  plan.log.repeated_append = rate(dice, may(FaultKind::repeated_append), 3, 12);
  plan.log.redelivery = rate(dice, may(FaultKind::redelivery), 2, 10);
  plan.log.slow_partition = rate(dice, may(FaultKind::slow_partition), 4, 20);
  plan.log.slow_polls_max = 4;
  plan.log.short_reads = dice.one_in(2) && may(FaultKind::small_polls);
  plan.log.shuffled_partitions = dice.one_in(2);
  plan.store.crash_before_apply = rate(dice, may(FaultKind::crash), 10, 80);
  plan.store.crash_after_apply = rate(dice, may(FaultKind::crash), 20, 100);
  plan.store.refused_batch = rate(dice, may(FaultKind::store_batch), 20, 80);
  plan.crash = rate(dice, may(FaultKind::crash), 20, 100);
  plan.state_lost = rate(dice, may(FaultKind::state_lost), 1, 5);
  plan.takeover = rate(dice, may(FaultKind::takeover), 2, 6);
  plan.machine = static_cast<OneIn>(dice.between(1, 3));
  plan.sync = static_cast<OneIn>(dice.between(1, 30));
  plan.commit = static_cast<OneIn>(dice.one_in(2) ? 1 : dice.between(2, 5));
  plan.clean = rate(dice, may(FaultKind::cleaning), 20, 60);
  plan.clock_drifts = dice.one_in(2) && may(FaultKind::clock);
  return plan;
}

}  // namespace slipstream::simulator
