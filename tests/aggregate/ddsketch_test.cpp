#include "engine/aggregate/ddsketch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/aggregate/mix.h"

namespace slipstream {
namespace {

constexpr double kRounding = 1e-12;  // of the doubles themselves

rc::Gen<double> finite_number() {
  return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
    const auto number = std::bit_cast<double>(mixed(bits));
    return std::isfinite(number) ? number : 0.0;
  });
}

double with_error(int choice) {
  constexpr double kErrors[] = {0.0001, 0.001, 0.01, 0.02, 0.1, 0.5};
  return kErrors[choice];
}

RC_GTEST_PROP(QuantileBuckets, value_is_within_the_relative_error_of_all_doubles, ()) {
  const double error = with_error(*rc::gen::inRange(0, 6));
  const double number = *finite_number();
  RC_PRE(std::abs(number) == 0 || std::abs(number) > 1e-300);  // below, doubles themselves have fewer digits
  const QuantileBuckets buckets(error);
  const double value = buckets.value_of(buckets.bucket_of(number));
  RC_ASSERT(std::abs(value - number) <= (error + kRounding) * std::abs(number));
}

TEST(QuantileBuckets, value_is_within_the_relative_error_throughout_an_octave) {
  for (int choice = 0; choice < 6; ++choice) {
    const double error = with_error(choice);
    const QuantileBuckets buckets(error);
    double worst = 0;
    for (int i = 0; i < 200'000; ++i) {
      const double number = 1.0 + i / 100'000.0;
      worst = std::max(worst, std::abs(buckets.value_of(buckets.bucket_of(number)) - number) / number);
    }
    EXPECT_LE(worst, error + kRounding);
    EXPECT_GT(worst, error * 0.6) << "buckets smaller than they need to be";
  }
}

RC_GTEST_PROP(QuantileBuckets, numbers_follow_the_order_of_the_values, ()) {
  const QuantileBuckets buckets(with_error(*rc::gen::inRange(0, 6)));
  const double a = *finite_number(), b = *finite_number();
  RC_ASSERT(buckets.bucket_of(std::min(a, b)) <= buckets.bucket_of(std::max(a, b)));
}

TEST(QuantileBuckets, the_ends_of_the_doubles_have_buckets) {
  const QuantileBuckets buckets(0.01);
  EXPECT_LE(buckets.bucket_of(std::numeric_limits<double>::max()), buckets.bucket_max());
  EXPECT_GE(buckets.bucket_of(-std::numeric_limits<double>::max()), -buckets.bucket_max());
  EXPECT_EQ(buckets.bucket_of(std::numeric_limits<double>::denorm_min()), 1);
  EXPECT_EQ(buckets.bucket_of(0.0), 0);
  EXPECT_EQ(buckets.bucket_of(-0.0), 0);
}

// percentile_cont of PostgreSQL, and how far the sketch may be from it.
struct Exact {
  double value;
  double reach;
};
Exact percentile_cont(std::vector<double> numbers, double q) {
  std::sort(numbers.begin(), numbers.end());
  const double place = q * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(low);
  const double a = numbers[low], b = part > 0 ? numbers[low + 1] : a;
  return {a + (b - a) * part, std::abs(a) * (1 - part) + std::abs(b) * part};
}

RC_GTEST_PROP(DdSketch, quantiles_are_percentile_cont_within_the_relative_error, ()) {
  const double error = with_error(*rc::gen::inRange(0, 6));
  const auto hundredths =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-50'000, 200'000)));
  const int percent = *rc::gen::inRange(0, 101);
  const QuantileBuckets buckets(error);
  DdSketch sketch;
  std::vector<double> numbers;
  for (const int n : hundredths) {
    numbers.push_back(n / 100.0);
    sketch.add(buckets.bucket_of(n / 100.0), 1);
  }
  const Exact exact = percentile_cont(numbers, percent / 100.0);
  const double value = sketch.quantile(Decimal::from_units(percent, 2), buckets).value();
  RC_ASSERT(std::abs(value - exact.value) <= error * exact.reach + 1e-9);
}

RC_GTEST_PROP(DdSketch, retractions_in_any_order_leave_no_trace,
              (std::vector<int> kept, std::vector<int> gone)) {
  const QuantileBuckets buckets(0.01);
  DdSketch sketch, fresh, taken;
  for (const int n : gone)
    sketch.add(buckets.bucket_of(n), -1);
  for (const int n : kept)
    sketch.add(buckets.bucket_of(n), 1), fresh.add(buckets.bucket_of(n), 1);
  for (const int n : gone)
    taken.add(buckets.bucket_of(n), 1);
  sketch.merge(taken, 1);
  std::string bytes, expected;
  sketch.append_to(bytes);
  fresh.append_to(expected);
  RC_ASSERT(bytes == expected);
  RC_ASSERT(sketch.quantile(Decimal::from_units(5, 1), buckets) ==
            fresh.quantile(Decimal::from_units(5, 1), buckets));
}

TEST(DdSketch, of_nothing_has_no_quantile) {
  DdSketch sketch;
  EXPECT_FALSE(sketch.quantile(Decimal(0), QuantileBuckets(0.01)).has_value());
  sketch.add(5, -1);
  EXPECT_FALSE(sketch.quantile(Decimal(0), QuantileBuckets(0.01)).has_value());
}

TEST(DdSketch, refuses_buckets_that_no_double_has) {
  const QuantileBuckets buckets(0.5);
  for (const std::int32_t bucket : {buckets.bucket_max(), -buckets.bucket_max(), 0}) {
    DdSketch sketch, read;
    sketch.add(bucket, 1);
    std::string bytes;
    sketch.append_to(bytes);
    ByteReader in(bytes);
    EXPECT_TRUE(read.read_from(in, buckets)) << bucket;
  }
  for (const std::int32_t bucket :
       {buckets.bucket_max() + 1, -buckets.bucket_max() - 1, INT32_MIN, INT32_MAX}) {
    DdSketch sketch, read;
    sketch.add(bucket, 1);
    std::string bytes;
    sketch.append_to(bytes);
    ByteReader in(bytes);
    EXPECT_FALSE(read.read_from(in, buckets)) << bucket;
  }
}

}  // namespace
}  // namespace slipstream
