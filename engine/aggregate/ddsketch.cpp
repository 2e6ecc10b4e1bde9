#include "engine/aggregate/ddsketch.h"

#include <algorithm>
#include <cmath>

namespace slipstream {
namespace {

constexpr std::int32_t kExponentMin = -1074, kExponentMax = 1023;  // of the doubles, subnormal ones included

// A cubic through log2(1) and log2(2), for the significand 1 + s: increasing on [0, 1], and
// d ln(1 + s) / d cubic = 1 / ((1 + s) cubic'(s)) is at most 7/10 (reached at s = 0 and s = 2/3).
double cubic(double s) { return ((6.0 / 35.0 * s - 3.0 / 5.0) * s + 10.0 / 7.0) * s; }
constexpr double kSteepest = 0.7;

double inverse_cubic(double y) {
  double low = 0.0, high = 1.0;
  for (int halving = 0; halving < 53; ++halving) {
    const double middle = 0.5 * (low + high);
    (cubic(middle) < y ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

// A bucket spans 1 / buckets_per_octave of the cubic's scale, so at most 0.7 / buckets_per_octave in natural
// logarithms; that must not exceed ln((1 + e) / (1 - e)). Rounding to a whole number keeps the last bit of
// ln() out of it.
QuantileBuckets::QuantileBuckets(double relative_error)
    : buckets_per_octave_(static_cast<std::int32_t>(
          std::ceil(kSteepest / std::log((1.0 + relative_error) / (1.0 - relative_error))))) {}

std::int32_t QuantileBuckets::bucket_max() const {
  return (kExponentMax - kExponentMin + 1) * buckets_per_octave_;
}

std::int32_t QuantileBuckets::bucket_of(double value) const {
  if (value == 0.0) return 0;
  int exponent = 0;
  const double significand =
      2.0 * std::frexp(std::abs(value), &exponent);  // 1 to 2; the value's exponent is one less
  const auto part = static_cast<std::int32_t>(cubic(significand - 1.0) * buckets_per_octave_);
  const std::int32_t bucket =
      (exponent - 1 - kExponentMin) * buckets_per_octave_ + std::min(part, buckets_per_octave_ - 1) + 1;
  return value < 0.0 ? -bucket : bucket;
}

// The harmonic mean of the bucket's ends a and b is equally far from both, relatively: by (b - a) / (b + a).
double QuantileBuckets::value_of(std::int32_t bucket) const {
  if (bucket == 0) return 0.0;
  const std::int32_t place = std::abs(bucket) - 1;
  const int exponent = place / buckets_per_octave_ + kExponentMin;
  const std::int32_t part = place % buckets_per_octave_;
  const double low = 1.0 + inverse_cubic(static_cast<double>(part) / buckets_per_octave_);
  const double high = 1.0 + inverse_cubic(static_cast<double>(part + 1) / buckets_per_octave_);
  const double value = std::ldexp(2.0 * low * high / (low + high), exponent);
  return bucket < 0 ? -value : value;
}

std::int32_t DdSketch::bucket_at(Int128 rank) const {
  Int128 before = 0;
  std::int32_t bucket = 0;
  for (const auto& entry : counts_.entries()) {
    if (entry.count <= 0) continue;
    bucket = entry.key;
    before += entry.count;
    if (before > rank) break;
  }
  return bucket;
}

std::optional<double> DdSketch::quantile(Decimal fraction, const QuantileBuckets& buckets) const {
  Int128 values = 0;
  for (const auto& entry : counts_.entries())
    values += std::max<std::int64_t>(entry.count, 0);
  if (values == 0) return std::nullopt;
  values = std::min<Int128>(values, INT64_MAX);
  Int128 unit = 1;
  for (int digit = 0; digit < fraction.scale(); ++digit)
    unit *= 10;
  const Int128 place = fraction.units() * (values - 1);  // below 10^18 * 2^63: fits
  const double low = buckets.value_of(bucket_at(place / unit));
  if (place % unit == 0) return low;
  const double high = buckets.value_of(bucket_at(place / unit + 1));
  return low + (high - low) * (static_cast<double>(place % unit) / static_cast<double>(unit));
}

}  // namespace slipstream
