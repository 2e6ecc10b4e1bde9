// Code points and letter case.
#include "engine/expression/utf8.h"

#include <algorithm>
#include <array>

namespace slipstream {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Bytes that a lead byte announces; 0 for a byte that cannot lead.
std::size_t sequence_size(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

// The code point at the front and its size in bytes; size 0 when malformed.
struct Decoded {
  char32_t code_point = kReplacement;
  std::size_t size = 0;
};
Decoded decode(std::string_view text) {
  const std::size_t size = sequence_size(byte_at(text, 0));
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {byte_at(text, 0), 1};
  char32_t code_point = byte_at(text, 0) & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte_at(text, i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
  if (code_point < kLeast[size] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, size};
}

// A run of letters whose lower case lies `distance` above the upper case. step 2: upper and lower case
// alternate.
struct CaseRun {
  char32_t first_upper, last_upper;
  char32_t distance;
  char32_t step;
};
constexpr std::array<CaseRun, 24> kCaseRuns = {{
    {0x0041, 0x005A, 32, 1},                          // Basic Latin
    {0x00C0, 0x00D6, 32, 1},                          // Latin-1
    {0x00D8, 0x00DE, 32, 1}, {0x0100, 0x012E, 1, 2},  // Latin Extended-A
    {0x0132, 0x0136, 1, 2},  {0x0139, 0x0147, 1, 2},  {0x014A, 0x0176, 1, 2},
    {0x0179, 0x017D, 1, 2},  {0x01A0, 0x01A4, 1, 2},  // Latin Extended-B: O and U with horn
    {0x01AF, 0x01AF, 1, 2},  {0x01CD, 0x01DB, 1, 2},  {0x01DE, 0x01EE, 1, 2},
    {0x01F8, 0x021E, 1, 2},  {0x0222, 0x0232, 1, 2},  {0x0386, 0x0386, 38, 1},  // Greek
    {0x0388, 0x038A, 37, 1}, {0x0391, 0x03A1, 32, 1}, {0x03A3, 0x03AB, 32, 1},
    {0x0400, 0x040F, 80, 1},  // Cyrillic
    {0x0410, 0x042F, 32, 1}, {0x0460, 0x0480, 1, 2},  {0x048A, 0x04BE, 1, 2},
    {0x1E00, 0x1E94, 1, 2},  // Latin Extended Additional: Vietnamese
    {0x1EA0, 0x1EFE, 1, 2},
}};
constexpr char32_t kUpperYDiaeresis = 0x0178;
constexpr char32_t kLowerYDiaeresis = 0x00FF;

std::string map_text(std::string_view text, char32_t (*map)(char32_t)) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    if (decoded.size == 0) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    append_code_point(out, map(decoded.code_point));
    text.remove_prefix(decoded.size);
  }
  return out;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = decode(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::int64_t count_code_points(std::string_view text) {
  std::int64_t count = 0;
  for (const char c : text)
    count += (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  return count;
}

std::size_t bytes_of_code_points(std::string_view text, std::int64_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((byte_at(text, at) & 0xC0) == 0x80) continue;
    if (count == 0) break;
    --count;
  }
  return at;
}

char32_t take_code_point(std::string_view& text) {
  const Decoded decoded = decode(text);
  text.remove_prefix(decoded.size == 0 ? 1 : decoded.size);
  return decoded.code_point;
}

void append_code_point(std::string& out, char32_t code_point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string one_line(std::string_view bytes) {
  std::string line;
  while (!bytes.empty()) {
    const Decoded next = decode(bytes);
    const bool control = next.size == 1 && (next.code_point < 0x20 || next.code_point == 0x7F);
    line.append(control ? std::string_view(" ") : bytes.substr(0, next.size));
    bytes.remove_prefix(std::max<std::size_t>(next.size, 1));
  }
  return line;
}

char32_t lower_case(char32_t code_point) {
  if (code_point == kUpperYDiaeresis) return kLowerYDiaeresis;
  for (const CaseRun& run : kCaseRuns) {
    if (code_point < run.first_upper) break;
    if (code_point <= run.last_upper && (code_point - run.first_upper) % run.step == 0)
      return code_point + run.distance;
  }
  return code_point;
}

char32_t upper_case(char32_t code_point) {
  if (code_point == kLowerYDiaeresis) return kUpperYDiaeresis;
  for (const CaseRun& run : kCaseRuns) {
    const bool within =
        code_point >= run.first_upper + run.distance && code_point <= run.last_upper + run.distance;
    if (within && (code_point - run.distance - run.first_upper) % run.step == 0)
      return code_point - run.distance;
  }
  return code_point;
}

std::string lower_case(std::string_view text) { return map_text(text, &lower_case); }
std::string upper_case(std::string_view text) { return map_text(text, &upper_case); }

}  // namespace slipstream
