// XXH3 of bytes: the same number on every machine and in every version, so it may be stored. Not
// cryptographic.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipstream {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(Hash128, Hash128) = default;
  std::string hex() const;  // 32 lower-case digits, high half first
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
Hash128 hash128(std::string_view bytes);

}  // namespace slipstream
