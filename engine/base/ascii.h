// Letters and digits of ASCII, whatever the locale.
#pragma once

namespace slipstream {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of a hexadecimal digit; -1: it is none.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace slipstream
