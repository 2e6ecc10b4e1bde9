// Shards of several processes over one durable log, each process with a faulty connection to it and each
// shard with a faulty store. Crashes, reopens and goes on until all is read; fails on any error that no fault
// explains.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/log/memory_log.h"
#include "engine/shard/runner.h"
#include "engine/view/committed_state.h"
#include "tests/simulator/definitions.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/sabotage.h"
#include "tests/simulator/tally.h"
#include "tests/simulator/workload.h"

namespace slipstream::simulator {

class Deployment {
 public:
  // `end`: where the clock will come to rest; no reading goes beyond it. All arguments outlive this.
  Deployment(const Definitions& definitions, const FaultPlan& faults, std::uint64_t seed, Sabotage sabotage,
             Timestamp end);
  ~Deployment();
  Result<> start();

  // Appends the moment's records; those whose order does not decide come in any.
  Result<> deliver(const Moment& moment);
  // Moves the clock, stopping wherever time alone asks for a judgement; judges there.
  Result<> advance_to(Timestamp to);
  // Everything that has come is read, then judged at the present clock.
  Result<> judge();
  // Lets shards read, judge and commit as chance has it, at readings of the clock around `now`.
  Result<> muddle_through(Timestamp now);
  // No more faults: opens every shard anew, stands at the end, reads and judges everything.
  Result<> come_to_rest();

  MemoryLog& log() { return *log_; }
  CommittedState committed() const;
  Counters counters() const;
  // Of this deployment; complete once it has come to rest.
  const Tally& tally() const { return tally_; }
  std::uint64_t trace_hash() const { return trace_hash_; }
  const std::string& trace() const { return trace_; }

 private:
  struct Process;
  struct Shard;

  Process& process_of(const Shard& shard);
  Result<> survive(Shard& shard, const Error& error);
  void crash(Process& process, Count cause);
  void lose_state(Shard& shard);
  Result<> take_over(Shard& shard);
  Result<> wake_old_shards();
  Result<> perhaps_something_happens();

  Result<> open(Shard& shard);
  Result<bool> is_open(Shard& shard);
  Result<bool> is_at_rest(const Shard& shard);
  Result<> attend(Shard& shard);
  Result<> tick(Shard& shard, Timestamp reading);
  Result<bool> commit(Shard& shard);
  Result<> step_at_random(Shard& shard, Timestamp now);
  Result<> settle();
  Result<> judge_shards(std::vector<Shard*>& unjudged);
  Result<Timestamp> next_wakeup();

  std::vector<Shard*> in_any_order();
  void be_quiet(bool quiet);
  void note(std::string_view what, const Shard& shard);
  void count_faults();

  const Definitions& definitions_;
  FaultPlan faults_;
  Sabotage sabotage_;
  Timestamp end_;
  Dice dice_;
  std::shared_ptr<MemoryLog> log_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Shard>> old_shards_;  // taken over, and not yet aware of it
  Timestamp clock_ = Timestamp::min();
  bool is_quiet_ = false;
  Tally tally_;
  std::string trace_;
  std::uint64_t trace_hash_ = 0;
};

}  // namespace slipstream::simulator
