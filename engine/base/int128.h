// Integers of 128 bits, as GCC and Clang have them.
#pragma once

#include <array>
#include <cstddef>

namespace slipstream {

using Int128 = __int128;
using UInt128 = unsigned __int128;

inline constexpr int kPowerOfTenMax = 38;  // the last below 2^127
inline constexpr auto kPowersOfTen = [] {
  std::array<UInt128, kPowerOfTenMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i)
    powers[i] = powers[i - 1] * 10;
  return powers;
}();

// 10^exponent; exponent 0 to kPowerOfTenMax.
constexpr Int128 power_of_ten(int exponent) {
  return static_cast<Int128>(kPowersOfTen[static_cast<std::size_t>(exponent)]);
}

constexpr UInt128 magnitude(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

// `value` below 2^127.
constexpr Int128 with_sign(UInt128 value, bool negative) {
  return negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
}

}  // namespace slipstream
