// XXH3 of bytes: the same number on every machine and in every version, so it may be stored. Not
// cryptographic.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace slipstream {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(Hash128, Hash128) = default;
  std::string hex() const;  // 32 lower-case digits, high half first
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
Hash128 hash128(std::string_view bytes);

// hash128 of bytes that come in pieces.
class HashStream {
 public:
  HashStream();
  void add(std::string_view bytes);
  Hash128 hash() const;  // of what has been added so far

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace slipstream
