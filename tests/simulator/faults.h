// Which faults a schedule has, and how often. Chosen from the seed; one kind at a time can be switched off to
// see what a failure needs.
#pragma once

#include <string_view>
#include <vector>

#include "engine/log/faulty_log.h"
#include "engine/state/faulty_store.h"
#include "tests/simulator/dice.h"

namespace slipstream::simulator {

enum class FaultKind : std::uint8_t {
  crash,
  log_commit,
  store_batch,
  state_lost,
  takeover,
  repeated_append,
  redelivery,
  slow_partition,
  clock,
  cleaning,
  small_polls,
  small_memory,
  count_
};
inline constexpr std::size_t kFaultKinds = static_cast<std::size_t>(FaultKind::count_);
std::string_view name_of(FaultKind kind);
using FaultMask = std::uint32_t;  // bit of each kind that may happen
inline constexpr FaultMask kAllFaults = (1U << kFaultKinds) - 1;

struct FaultPlan {
  // Judged only when everything has been read, at the instants that ask for it: alerts must then be those of
  // a run without faults. Otherwise shards read, judge and commit in any order, each by a clock of its own.
  bool strict = true;
  std::int32_t partitions = 1;
  std::int32_t processes = 1;      // shards live and die together with those of their process
  std::size_t records_max = 1000;  // of one poll
  std::size_t hot_bytes_max = std::size_t{1} << 20;
  Duration clock_commit_every;
  LogFaults log;
  StoreFaults store;
  OneIn crash = 0;       // of a process, between two steps
  OneIn state_lost = 0;  // of the crashes: its stores are lost
  OneIn machine = 2;     // of the crashes: unsynced batches are lost
  OneIn takeover = 0;    // of the crashes: the old process lives on unknowingly
  OneIn sync = 4;        // of the commits
  OneIn commit = 1;      // of the steps: they end with a commit
  OneIn clean = 0;       // between two steps: the log is compacted
  bool clock_drifts = false;
};

FaultPlan choose_faults(Dice& dice, FaultMask mask);

}  // namespace slipstream::simulator
