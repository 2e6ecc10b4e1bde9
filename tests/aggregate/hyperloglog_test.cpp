#include "engine/aggregate/hyperloglog.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "engine/aggregate/mix.h"

namespace slipstream {
namespace {

std::string bytes_of(const CountingHyperLogLog& sketch) {
  std::string out;
  sketch.append_to(out);
  return out;
}

TEST(HyperLogLog, estimates_within_four_standard_errors_from_one_to_a_million) {
  const double error_max = 4 * 1.04 / std::sqrt(4096.0);
  HyperLogLog sketch(12);
  std::uint64_t next_check = 1;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) {
    sketch.add(mixed(i));
    if (i != next_check) continue;
    EXPECT_NEAR(static_cast<double>(sketch.estimate()), static_cast<double>(i),
                error_max * static_cast<double>(i))
        << "after " << i;
    next_check = next_check * 3 / 2 + 1;
  }
}

TEST(HyperLogLog, estimates_have_no_bias_where_the_classic_estimator_changes_its_formula) {
  constexpr int kRuns = 100;
  constexpr std::uint64_t kDistinct =
      11'000;  // about 2.7 registers: the classic bias reaches several percent
  double sum = 0;
  for (std::uint64_t run = 0; run < kRuns; ++run) {
    HyperLogLog sketch(12);
    for (std::uint64_t i = 0; i < kDistinct; ++i)
      sketch.add(mixed(run << 32 | i));
    sum += static_cast<double>(sketch.estimate());
  }
  EXPECT_NEAR(sum / kRuns / kDistinct, 1.0, 4 * 0.01625 / std::sqrt(kRuns));
}

TEST(HyperLogLog, of_nothing_is_zero) {
  EXPECT_EQ(HyperLogLog(12).estimate(), 0);
  EXPECT_EQ(CountingHyperLogLog(12).estimate(), 0);
}

RC_GTEST_PROP(HyperLogLog, counting_form_estimates_what_the_registers_do,
              (std::vector<std::uint64_t> seeds)) {
  HyperLogLog registers(6);
  CountingHyperLogLog counting(6);
  for (const std::uint64_t seed : seeds) {
    registers.add(mixed(seed));
    counting.add(mixed(seed), 1);
  }
  RC_ASSERT(counting.estimate() == registers.estimate());
}

RC_GTEST_PROP(HyperLogLog, counting_form_forgets_retractions_without_trace,
              (std::vector<std::uint64_t> kept, std::vector<std::uint64_t> gone)) {
  CountingHyperLogLog sketch(5), fresh(5), retracted(5);
  for (const std::uint64_t seed : gone)
    sketch.add(mixed(seed), -1);
  for (const std::uint64_t seed : kept) {
    sketch.add(mixed(seed), 1);
    fresh.add(mixed(seed), 1);
  }
  for (const std::uint64_t seed : gone)
    retracted.add(mixed(seed), 1);
  sketch.merge(retracted, 1);
  RC_ASSERT(bytes_of(sketch) == bytes_of(fresh));
  sketch.merge(fresh, -1);
  RC_ASSERT(sketch.empty());
}

RC_GTEST_PROP(HyperLogLog, stored_counts_come_back, (std::vector<std::uint64_t> seeds)) {
  CountingHyperLogLog sketch(8), read(8);
  for (const std::uint64_t seed : seeds)
    sketch.add(mixed(seed), static_cast<std::int64_t>(seed % 7) - 3);
  const std::string bytes = bytes_of(sketch);
  ByteReader in(bytes);
  RC_ASSERT(read.read_from(in) && in.at_end());
  RC_ASSERT(bytes_of(read) == bytes);
}

TEST(HyperLogLog, refuses_a_register_beyond_the_largest_rank) {
  std::string bytes(16, '\0');
  bytes[3] = 61;
  HyperLogLog good(4), bad(4);
  ByteReader in(bytes);
  EXPECT_TRUE(good.read_from(in));
  bytes[3] = 62;
  ByteReader again(bytes);
  EXPECT_FALSE(bad.read_from(again));
}

}  // namespace
}  // namespace slipstream
