// A bijection that spreads every bit of a number over all 64: the finaliser of SplitMix64 (Steele, Lea and
// Flood, "Fast Splittable Pseudorandom Number Generators", 2014). Stored sketches depend on it: it never
// changes.
#pragma once

#include <cstdint>

namespace slipstream {

constexpr std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace slipstream
