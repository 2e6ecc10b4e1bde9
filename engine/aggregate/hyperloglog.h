// HyperLogLog: how many distinct hashes were seen, within about 1.04 / sqrt(2^precision): 1.6 % at 12.
//
// Two forms with the same estimate for the same set. HyperLogLog is the classic registers (largest rank
// seen): for streams that never retract; merging is max. CountingHyperLogLog keeps a signed count for every
// (register, rank): linear, so a retraction takes back exactly what the contribution put in; a register's
// value is its largest rank with a positive count.
//
// Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", 2007. The estimate is the improved raw estimator of Otmar
// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, section 4: no
// bias tables and no switch between ranges. It uses +, -, *, / and sqrt only, all of which IEEE 754 rounds
// the same way everywhere.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/encoding.h"

namespace slipstream {

inline constexpr int kHyperLogLogPrecisionMin = 4;
inline constexpr int kHyperLogLogPrecisionMax = 16;

// histogram[r]: how many of the 2^precision registers hold rank r; size 64 - precision + 2.
double estimate_distinct(std::span<const std::uint32_t> histogram, int precision);

class HyperLogLog {
 public:
  explicit HyperLogLog(int precision);
  void add(std::uint64_t hash);
  void merge(const HyperLogLog& other);  // of the same precision
  std::int64_t estimate() const;
  std::size_t memory_bytes() const { return registers_.capacity(); }

  // Bytes: the registers, one byte each.
  void append_to(std::string& out) const;
  bool read_from(ByteReader& in);

 private:
  int precision_;
  std::vector<std::uint8_t> registers_;
};

class CountingHyperLogLog {
 public:
  explicit CountingHyperLogLog(int precision) : precision_(precision) {}
  void add(std::uint64_t hash, std::int64_t count);
  void merge(const CountingHyperLogLog& other, int sign);  // of the same precision
  bool empty() const { return counts_.empty(); }
  std::int64_t estimate() const;
  std::size_t memory_bytes() const;

  // Bytes: varint number of entries; ascending by register * 64 + rank: varint distance from the previous,
  // zigzag varint count.
  void append_to(std::string& out) const;
  bool read_from(ByteReader& in);

 private:
  void add_at(std::uint32_t place, std::int64_t count);

  int precision_;
  boost::unordered_flat_map<std::uint32_t, std::int64_t> counts_;  // by register * 64 + rank
};

}  // namespace slipstream
