#include "engine/aggregate/distinct.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "engine/aggregate/mix.h"

namespace slipstream {
namespace {

constexpr DistinctSettings kSmall{20, 8};

std::uint64_t key_of(std::uint64_t n) { return mixed(n) % kRecoveryPrime; }

template <class Distinct>
std::string bytes_of(const Distinct& distinct) {
  std::string out;
  distinct.append_to(out);
  return out;
}

DistinctCounts built(const std::vector<int>& numbers, DistinctSettings settings) {
  DistinctCounts counts(settings);
  for (const int n : numbers)
    counts.add(key_of(static_cast<std::uint64_t>(n)), 1);
  return counts;
}

rc::Gen<std::vector<int>> numbers_about_the_bound() {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 60), [](std::size_t size) {
    return rc::gen::container<std::vector<int>>(size, rc::gen::inRange(0, 50));
  });
}

RC_GTEST_PROP(DistinctCounts, bytes_and_figure_tell_only_the_surviving_multiset, ()) {
  const auto kept = *numbers_about_the_bound(), gone = *numbers_about_the_bound();
  struct Step {
    int number;
    int sign;
  };
  std::vector<Step> steps;
  for (const int n : kept)
    steps.push_back({n, 1});
  for (const int n : gone)
    steps.push_back({n, 1}), steps.push_back({n, -1});
  const auto order =
      *rc::gen::container<std::vector<std::uint32_t>>(steps.size(), rc::gen::arbitrary<std::uint32_t>());
  std::vector<std::size_t> places(steps.size());
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = i;
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return std::pair(order[a], a) < std::pair(order[b], b); });
  DistinctCounts left(kSmall), right(kSmall);
  for (const std::size_t place : places) {
    const auto key = key_of(static_cast<std::uint64_t>(steps[place].number));
    if (order[place] % 3 == 0)
      right.add(key, -steps[place].sign);
    else
      left.add(key, steps[place].sign);
  }
  left.merge(right, -1);
  const DistinctCounts fresh = built(kept, kSmall);
  RC_ASSERT(bytes_of(left) == bytes_of(fresh));
  RC_ASSERT(left.reading().count == fresh.reading().count);
  RC_ASSERT(left.reading().exact == fresh.reading().exact);
  RC_ASSERT(left.empty() == kept.empty());
}

RC_GTEST_PROP(DistinctCounts, is_exact_up_to_the_bound_whatever_was_there_before, ()) {
  const auto kept = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(0, 1000));
  DistinctCounts counts(kSmall);
  for (std::uint64_t n = 5000; n < 5300; ++n)
    counts.add(key_of(n), 2);
  RC_ASSERT(!counts.reading().exact);
  for (const int n : kept)
    counts.add(key_of(static_cast<std::uint64_t>(n)), 1);
  for (std::uint64_t n = 5000; n < 5300; ++n)
    counts.add(key_of(n), -2);
  RC_ASSERT(counts.reading().exact);
  RC_ASSERT(counts.reading().count == static_cast<std::int64_t>(std::set(kept.begin(), kept.end()).size()));
}

TEST(DistinctCounts, a_set_that_cannot_be_recovered_reads_the_same_from_keys_and_from_sketches) {
  // Far more keys than cells recover, within a bound that its cells are not made for, cannot be set up
  // through the settings, so take sets of the full bound until one is among the few that do not decode.
  constexpr DistinctSettings kDense{
      128, 6};  // 256 cells of 64: about one set in 2000 has two keys in the same cells
  int unrecovered = 0;
  for (std::uint64_t seed = 0; seed < 20'000 && unrecovered == 0; ++seed) {
    DistinctCounts keys(kDense);
    for (std::uint64_t n = 0; n < 128; ++n)
      keys.add(key_of(seed << 10 | n), 1);
    if (keys.reading().exact) continue;
    ++unrecovered;
    DistinctCounts sketches(keys);
    sketches.add(key_of(1ULL << 40), 1);
    sketches.add(key_of(1ULL << 40), -1);
    EXPECT_EQ(bytes_of(sketches), bytes_of(keys));
    EXPECT_EQ(sketches.reading().count, keys.reading().count);
    EXPECT_NEAR(static_cast<double>(keys.reading().count), 128, 128 * 4 * 0.13);
  }
  EXPECT_EQ(unrecovered, 1);
}

TEST(DistinctCounts, estimates_beyond_the_bound_within_four_standard_errors) {
  DistinctCounts counts(DistinctSettings{});
  for (std::uint64_t n = 0; n < 30'000; ++n)
    counts.add(key_of(n), 1 + static_cast<std::int64_t>(n % 3));
  EXPECT_FALSE(counts.reading().exact);
  EXPECT_NEAR(static_cast<double>(counts.reading().count), 30'000, 30'000 * 4 * 0.01625);
}

TEST(DistinctCounts, a_key_retracted_before_it_came_is_not_counted) {
  DistinctCounts counts(kSmall);
  counts.add(key_of(1), 1);
  counts.add(key_of(2), -1);
  EXPECT_EQ(counts.reading().count, 1);
  EXPECT_FALSE(counts.empty());
}

RC_GTEST_PROP(DistinctCounts, stored_bytes_come_back, ()) {
  const DistinctCounts counts = built(*numbers_about_the_bound(), kSmall);
  const std::string bytes = bytes_of(counts);
  DistinctCounts read(kSmall);
  ByteReader in(bytes);
  RC_ASSERT(read.read_from(in) && in.at_end());
  RC_ASSERT(bytes_of(read) == bytes);
  RC_ASSERT(read.reading().count == counts.reading().count);
}

RC_GTEST_PROP(DistinctSeen, any_order_and_grouping_gives_the_same_bytes, ()) {
  auto numbers = *numbers_about_the_bound();
  DistinctSeen forwards(kSmall), left(kSmall), right(kSmall);
  for (const int n : numbers)
    forwards.add(key_of(static_cast<std::uint64_t>(n)));
  std::reverse(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    (i % 3 == 0 ? left : right).add(key_of(static_cast<std::uint64_t>(numbers[i])));
  left.merge(right);
  RC_ASSERT(bytes_of(left) == bytes_of(forwards));
  const std::set<int> distinct(numbers.begin(), numbers.end());
  RC_ASSERT(left.reading().exact == (distinct.size() <= kSmall.bound));
  if (left.reading().exact) RC_ASSERT(left.reading().count == static_cast<std::int64_t>(distinct.size()));
  DistinctSeen read(kSmall);
  const std::string bytes = bytes_of(left);
  ByteReader in(bytes);
  RC_ASSERT(read.read_from(in) && in.at_end() && bytes_of(read) == bytes);
}

}  // namespace
}  // namespace slipstream
