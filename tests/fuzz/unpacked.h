// The bytes a fuzzer gives, unpacked: a hundred bytes can stand for a megabyte, so that depth and size are
// within reach of mutations that change one byte at a time.
//
// 0xFF n TEXT 0xFE is TEXT repeated 2^(n mod 15) times, cut at the bound; every other byte is itself. Both
// marks are never part of UTF-8, and a 0xFF that no 0xFE follows is itself too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipstream::fuzz {

inline constexpr char kRepeatBegin = '\xFF';
inline constexpr char kRepeatEnd = '\xFE';
inline constexpr unsigned kRepeatPowers = 15;

inline std::string unpacked(std::string_view packed, std::size_t bytes_max) {
  std::string out;
  while (!packed.empty() && out.size() < bytes_max) {
    const std::size_t end = packed.front() == kRepeatBegin && packed.size() > 2 ? packed.find(kRepeatEnd, 2)
                                                                                : std::string_view::npos;
    if (end == std::string_view::npos) {
      out.push_back(packed.front());
      packed.remove_prefix(1);
      continue;
    }
    const std::string_view text = packed.substr(2, end - 2);
    const std::size_t count = std::size_t{1} << static_cast<unsigned char>(packed[1]) % kRepeatPowers;
    for (std::size_t i = 0; i < count && out.size() < bytes_max && !text.empty(); ++i)
      out.append(text);
    packed.remove_prefix(end + 1);
  }
  if (out.size() > bytes_max) out.resize(bytes_max);
  return out;
}

}  // namespace slipstream::fuzz
