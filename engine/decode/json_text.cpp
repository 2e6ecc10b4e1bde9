#include "engine/decode/json_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "engine/base/ascii.h"

namespace slipstream {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

std::optional<std::uint32_t> hex4(std::string_view digits) {
  if (digits.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    if (is_digit(c)) {
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      value = value * 16 + static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code < 0xE000; }

// A \u escape, or a pair of them; `at` is behind the 'u' and moves behind what was read.
Result<std::uint32_t> read_code_point(std::string_view raw, std::size_t& at) {
  const auto first = hex4(raw.substr(at));
  if (!first) return fail(ErrorCode::malformed_record, "a string has \\u without four hexadecimal digits");
  at += 4;
  if (*first == 0) return fail(ErrorCode::invalid_utf8, "a string has the character \\u0000; leave it out");
  if (is_low_surrogate(*first)) return fail(ErrorCode::invalid_utf8, "a string has a lone surrogate");
  if (!is_high_surrogate(*first)) return *first;
  if (raw.substr(at, 2) != "\\u") return fail(ErrorCode::invalid_utf8, "a string has a lone surrogate");
  const auto second = hex4(raw.substr(at + 2));
  if (!second) return fail(ErrorCode::malformed_record, "a string has \\u without four hexadecimal digits");
  if (!is_low_surrogate(*second)) return fail(ErrorCode::invalid_utf8, "a string has a lone surrogate");
  at += 6;
  return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

}  // namespace

bool is_json_number(std::string_view token) {
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const std::size_t whole = at;
  at = skip_digits(token, at);
  if (at == whole || (token[whole] == '0' && at > whole + 1)) return false;
  if (at < token.size() && token[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(token, fraction);
    if (at == fraction) return false;
  }
  if (at < token.size() && (token[at] | 0x20) == 'e') {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(token, exponent);
    if (at == exponent) return false;
  }
  return at == token.size();
}

Result<std::string> unescape_json(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      out += raw[at++];
      continue;
    }
    const char kind = at + 1 < raw.size() ? raw[at + 1] : '\0';
    at += 2;
    if (kind == 'u') {
      SLIPSTREAM_ASSIGN(const std::uint32_t code, read_code_point(raw, at));
      append_utf8(out, code);
    } else if (const auto c = simple_escape(kind)) {
      out += *c;
    } else {
      return fail(ErrorCode::malformed_record, "a string has an unknown escape");
    }
  }
  return out;
}

bool is_valid_utf8(std::string_view text) { return simdjson::validate_utf8(text); }

bool is_plain_text(std::string_view text) {
  // Eight bytes at a time while they are ASCII and not NUL, which nearly all text is; the last word overlaps.
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto is_plain_word = [&](std::size_t at) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, kWord);
    return ((word | (word - kOnes)) & kHighBits) == 0;
  };
  bool plain = true;
  if (text.size() >= kWord) {
    for (std::size_t at = 0; plain && at + kWord <= text.size(); at += kWord)
      plain = is_plain_word(at);
    plain = plain && is_plain_word(text.size() - kWord);
  } else {
    for (const char c : text)
      plain = plain && c > '\0';
  }
  return plain || (text.find('\0') == std::string_view::npos && is_valid_utf8(text));
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kBytesMax = 64;
  std::string shown(text.substr(0, kBytesMax));
  // Cutting may have split a character: drop its first bytes.
  if (text.size() > kBytesMax)
    for (int dropped = 0; dropped < 4 && !shown.empty() && !is_valid_utf8(shown); ++dropped)
      shown.pop_back();
  const bool valid = is_valid_utf8(shown);
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid)) c = '?';
  }
  return fmt::format("\"{}{}\"", shown, text.size() > kBytesMax ? "..." : "");
}

}  // namespace slipstream
