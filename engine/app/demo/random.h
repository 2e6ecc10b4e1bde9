// Random numbers that are the same on every machine, compiler and run: what a generated city is made of.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipstream {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 to `below` - 1; `below` is not 0. The bias of the modulus is of no matter here.
  std::uint64_t below(std::uint64_t below) { return next() % below; }
  // Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool chance(int percent) { return static_cast<int>(below(100)) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace slipstream
