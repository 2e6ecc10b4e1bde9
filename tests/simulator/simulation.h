// One schedule: a workload under faults, and what came of it. Fully determined by the seed and the options,
// for one version of the sources.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/simulator/definitions.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/sabotage.h"
#include "tests/simulator/tally.h"

namespace slipstream::simulator {

struct Options {
  FaultMask faults = kAllFaults;
  std::size_t moments_max = SIZE_MAX;  // the workload ends after so many
  std::set<std::size_t> left_out;      // numbers of deliveries that do not come
  Sabotage sabotage = Sabotage::none;
  bool describes = false;  // Outcome::deliveries is filled
};

struct Outcome {
  std::string finding;  // empty: all is as promised
  std::string trace;    // what happened to the shards, in short
  std::vector<std::string> deliveries;
  std::string settings;
  std::uint64_t trace_hash = 0;
  Tally tally;
};

Outcome simulate(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& options);

// A failing schedule made smaller: fewer kinds of faults, fewer moments, fewer deliveries.
Options shrink(const std::vector<Definitions>& pool, std::uint64_t seed, const Options& failing);

// How to see it again, and what it was.
std::string report(std::uint64_t seed, const Options& options, const Outcome& outcome);

}  // namespace slipstream::simulator
