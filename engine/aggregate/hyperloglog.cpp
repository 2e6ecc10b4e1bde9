#include "engine/aggregate/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/aggregate/signed_counts.h"

namespace slipstream {
namespace {

constexpr std::uint32_t kRankBits = 6;
constexpr std::uint32_t kRankMask = (1U << kRankBits) - 1;

struct RegisterRank {
  std::uint32_t index;
  std::uint8_t rank;  // 1 to 64 - precision + 1
};

RegisterRank locate(std::uint64_t hash, int precision) {
  const std::uint64_t rest = hash << precision;
  const int rank = rest == 0 ? 64 - precision + 1 : std::countl_zero(rest) + 1;
  return {static_cast<std::uint32_t>(hash >> (64 - precision)), static_cast<std::uint8_t>(rank)};
}

std::size_t histogram_size(int precision) { return static_cast<std::size_t>(64 - precision + 2); }

// sigma(x) = x + sum over k >= 1 of x^(2^k) 2^(k-1): arXiv:1702.01284, equation 12.
double sigma(double x) {
  if (x == 1.0) return std::numeric_limits<double>::infinity();
  double weight = 1.0;
  double sum = x;
  for (double previous = -1.0; sum != previous;) {
    x *= x;
    previous = sum;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

// tau(x) = (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3: arXiv:1702.01284, equation 17.
double tau(double x) {
  if (x == 0.0 || x == 1.0) return 0.0;
  double weight = 1.0;
  double sum = 1.0 - x;
  for (double previous = -1.0; sum != previous;) {
    x = std::sqrt(x);
    previous = sum;
    weight *= 0.5;
    sum -= (1.0 - x) * (1.0 - x) * weight;
  }
  return sum / 3.0;
}

}  // namespace

double estimate_distinct(std::span<const std::uint32_t> histogram, int precision) {
  constexpr double kAlphaInfinity = 0.72134752044448170368;  // 1 / (2 ln 2)
  const double registers = static_cast<double>(std::uint64_t{1} << precision);
  const std::size_t saturated = histogram.size() - 1;
  double z = registers * tau(1.0 - histogram[saturated] / registers);
  for (std::size_t rank = saturated - 1; rank >= 1; --rank)
    z = 0.5 * (z + histogram[rank]);
  z += registers * sigma(histogram[0] / registers);
  return kAlphaInfinity * registers * registers / z;
}

HyperLogLog::HyperLogLog(int precision) : precision_(precision), registers_(std::size_t{1} << precision) {}

void HyperLogLog::add(std::uint64_t hash) {
  const RegisterRank at = locate(hash, precision_);
  registers_[at.index] = std::max(registers_[at.index], at.rank);
}

void HyperLogLog::merge(const HyperLogLog& other) {
  for (std::size_t i = 0; i < registers_.size(); ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::int64_t HyperLogLog::estimate() const {
  std::vector<std::uint32_t> histogram(histogram_size(precision_));
  for (const std::uint8_t rank : registers_)
    ++histogram[rank];
  return std::llround(estimate_distinct(histogram, precision_));
}

void HyperLogLog::append_to(std::string& out) const { out.append(registers_.begin(), registers_.end()); }

bool HyperLogLog::read_from(ByteReader& in) {
  std::string_view bytes;
  if (!in.read_bytes(registers_.size(), bytes)) return false;
  registers_.assign(bytes.begin(), bytes.end());
  return std::all_of(registers_.begin(), registers_.end(),
                     [this](std::uint8_t rank) { return rank < histogram_size(precision_); });
}

void CountingHyperLogLog::add(std::uint64_t hash, std::int64_t count) {
  const RegisterRank at = locate(hash, precision_);
  add_at(at.index << kRankBits | at.rank, count);
}

void CountingHyperLogLog::add_at(std::uint32_t place, std::int64_t count) {
  const auto at = counts_.try_emplace(place, 0).first;
  at->second = wrapping_add(at->second, count);
  if (at->second == 0) counts_.erase(at);
}

void CountingHyperLogLog::merge(const CountingHyperLogLog& other, int sign) {
  for (const auto& [place, count] : other.counts_)
    add_at(place, with_sign(count, sign));
}

std::int64_t CountingHyperLogLog::estimate() const {
  std::vector<std::uint8_t> registers(std::size_t{1} << precision_);
  for (const auto& [place, count] : counts_) {
    std::uint8_t& rank = registers[place >> kRankBits];
    if (count > 0) rank = std::max(rank, static_cast<std::uint8_t>(place & kRankMask));
  }
  std::vector<std::uint32_t> histogram(histogram_size(precision_));
  for (const std::uint8_t rank : registers)
    ++histogram[rank];
  return std::llround(estimate_distinct(histogram, precision_));
}

std::size_t CountingHyperLogLog::memory_bytes() const {
  constexpr std::size_t kBytesPerSlot = sizeof(std::pair<std::uint32_t, std::int64_t>) + 1;
  return counts_.bucket_count() * kBytesPerSlot;
}

void CountingHyperLogLog::append_to(std::string& out) const {
  std::vector<std::pair<std::uint32_t, std::int64_t>> sorted(counts_.begin(), counts_.end());
  std::sort(sorted.begin(), sorted.end());
  append_varint(out, sorted.size());
  std::uint32_t previous = 0;
  for (const auto& [place, count] : sorted) {
    append_varint(out, place - previous);
    append_zigzag(out, count);
    previous = place;
  }
}

bool CountingHyperLogLog::read_from(ByteReader& in) {
  std::uint64_t size = 0;
  if (!in.read_varint(size) || size > in.rest().size() / 2) return false;
  counts_.clear();
  counts_.reserve(size);
  const std::uint64_t places = std::uint64_t{1} << (static_cast<std::uint32_t>(precision_) + kRankBits);
  std::uint64_t place = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t distance = 0;
    std::int64_t count = 0;
    if (!in.read_varint(distance) || !in.read_zigzag(count)) return false;
    if (distance == 0 || distance >= places || place + distance >= places || count == 0) return false;
    place += distance;
    const std::uint64_t rank = place & kRankMask;
    if (rank == 0 || rank >= histogram_size(precision_)) return false;
    counts_.emplace(static_cast<std::uint32_t>(place), count);
  }
  return true;
}

}  // namespace slipstream
