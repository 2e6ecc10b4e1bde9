// DDSketch: quantiles within a relative error, from counts of logarithmic buckets (Masson, Rim and Lee,
// "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019).
//
// Here the counts are signed, so the sketch is linear: a retraction takes back what the contribution put in.
// Zero has its own bucket and negative values mirror the positive ones. Buckets are never collapsed, which
// would make the result depend on the order of arrival; the values of a double bound their number (2098
// octaves of `buckets_per_octave` each way), and those of a column in use span a few octaves.
//
// The bucket of a value must be the same on every machine, or a retraction could miss its contribution:
// instead of a library's logarithm, the exponent and a cubic of the significand are used (the paper's cubic
// interpolation) with +, - and * only, compiled without contraction to fused operations.
//
// quantile(q) is SQL's percentile_cont(q): with n values x_0 <= ... <= x_(n-1) and h = q (n - 1), the
// straight line between x_floor(h) and x_ceil(h), each of the two replaced by its bucket's value. When both
// have one sign the result is within the relative error of SQL's; else within relative_error * ((1 - f)
// |x_floor(h)| + f |x_ceil(h)|), with f the fraction of h.
//
// Bytes: SignedCounts of bucket numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/aggregate/signed_counts.h"
#include "engine/base/decimal.h"
#include "engine/base/encoding.h"

namespace slipstream {

inline constexpr double kRelativeErrorMin = 0.0001;
inline constexpr double kRelativeErrorMax = 0.5;

// The division of the numbers into buckets, numbered in the order of their values; 0 holds zero alone.
class QuantileBuckets {
 public:
  // relative_error from kRelativeErrorMin to kRelativeErrorMax.
  explicit QuantileBuckets(double relative_error);
  std::int32_t bucket_of(double value) const;  // of a finite value
  double value_of(std::int32_t bucket) const;  // within the relative error of every value of the bucket
  std::int32_t bucket_max() const;             // buckets are -bucket_max() to bucket_max()

 private:
  std::int32_t buckets_per_octave_;
};

class DdSketch {
 public:
  void add(std::int32_t bucket, std::int64_t count) { counts_.add(bucket, count); }
  void merge(const DdSketch& other, int sign) { counts_.merge(other.counts_, sign); }  // of the same buckets
  bool empty() const { return counts_.empty(); }
  // fraction from 0 to 1; nullopt without values.
  std::optional<double> quantile(Decimal fraction, const QuantileBuckets& buckets) const;

  std::size_t memory_bytes() const { return sizeof(*this) + counts_.memory_bytes(); }
  void append_to(std::string& out) const { counts_.append_to(out); }
  bool read_from(ByteReader& in, const QuantileBuckets& buckets) {
    return counts_.read_from(in, -buckets.bucket_max(), buckets.bucket_max());
  }

 private:
  std::int32_t bucket_at(Int128 rank) const;  // of the value with this rank, from 0

  SignedCounts<std::int32_t> counts_;
};

}  // namespace slipstream
