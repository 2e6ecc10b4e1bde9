// Schedules from the seed 1 on; that a schedule is determined by its seed; and that damage is found.
// SLIPSTREAM_SCHEDULES: how many (the sanitizers run fewer).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulator/simulation.h"

namespace slipstream::simulator {
namespace {

#ifndef SLIPSTREAM_SCHEDULES
#define SLIPSTREAM_SCHEDULES 10'000
#endif

constexpr std::uint64_t kSchedules = SLIPSTREAM_SCHEDULES;
// The schedules of one test; they meet every fault and every situation as often as kMetMin.
constexpr std::uint64_t kThousand = 1'000;
constexpr std::uint64_t kMetMin = 3;

const std::vector<Definitions>& pool() {
  static const std::vector<Definitions> pool = [] {
    auto loaded = load_definitions_pool();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? std::move(*loaded) : std::vector<Definitions>();
  }();
  return pool;
}

class ScheduleTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ScheduleTest, EndsWhereBruteForceSays) {
  ASSERT_FALSE(pool().empty());
  Tally tally;
  const std::uint64_t first = GetParam(), end = std::min(first + kThousand, kSchedules + 1);
  for (std::uint64_t seed = first; seed < end; ++seed) {
    const Outcome outcome = simulate(pool(), seed, {});
    tally += outcome.tally;
    if (outcome.finding.empty()) continue;
    const Options smaller = shrink(pool(), seed, {});
    FAIL() << report(seed, smaller, simulate(pool(), seed, smaller));
  }
  if (end - first < kThousand) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Count::count_); ++i)
    EXPECT_GE(tally[static_cast<Count>(i)], kMetMin) << text_of(static_cast<Count>(i));
}

// Each thousand is a test of its own: processors share them.
INSTANTIATE_TEST_SUITE_P(FromSeed, ScheduleTest, testing::Range(std::uint64_t{1}, kSchedules + 1, kThousand),
                         [](const auto& first) { return std::to_string(first.param); });

TEST(Simulator, RepeatsAScheduleFromItsSeed) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Options options;
    options.describes = true;
    const Outcome first = simulate(pool(), seed, options), second = simulate(pool(), seed, options);
    EXPECT_EQ(first.trace_hash, second.trace_hash) << seed;
    EXPECT_EQ(first.trace, second.trace) << seed;
    EXPECT_EQ(first.deliveries, second.deliveries) << seed;
  }
}

TEST(Simulator, SeedsDiffer) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    hashes.insert(simulate(pool(), seed, {}).trace_hash);
  EXPECT_GT(hashes.size(), 45u);
}

class SabotageTest : public testing::TestWithParam<Sabotage> {};

// The first seed whose damage is found, of a few.
TEST_P(SabotageTest, IsFound) {
  Options options;
  options.sabotage = GetParam();
  std::uint64_t seed = 1;
  while (seed <= 40 && simulate(pool(), seed, options).finding.empty())
    ++seed;
  ASSERT_LE(seed, 40u) << "nobody noticed";
  EXPECT_TRUE(simulate(pool(), seed, {}).finding.empty()) << "the finding is of the damage alone";
  const Outcome smaller = simulate(pool(), seed, shrink(pool(), seed, options));
  EXPECT_FALSE(smaller.finding.empty()) << "shrinking must not lose it";
}

INSTANTIATE_TEST_SUITE_P(Kinds, SabotageTest,
                         testing::Values(Sabotage::lost_change, Sabotage::lost_output,
                                         Sabotage::repeated_output));

}  // namespace
}  // namespace slipstream::simulator
