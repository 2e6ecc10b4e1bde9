// Functions on text.
#include "engine/expression/text_functions.h"

#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

// One step of a pattern: any text, any code point, or a literal one.
struct PatternStep {
  enum class Kind { any_text, any_one, literal } kind = Kind::literal;
  char32_t literal = 0;
};

PatternStep take_step(std::string_view& pattern, char32_t escape) {
  const char32_t code_point = take_code_point(pattern);
  if (escape != 0 && code_point == escape && !pattern.empty())
    return {PatternStep::Kind::literal, take_code_point(pattern)};
  if (code_point == U'%') return {PatternStep::Kind::any_text, 0};
  if (code_point == U'_') return {PatternStep::Kind::any_one, 0};
  return {PatternStep::Kind::literal, code_point};
}

// Takes one code point off the text when the step matches it.
bool takes(const PatternStep& step, std::string_view& text, bool any_case) {
  std::string_view rest = text;
  const char32_t found = take_code_point(rest);
  const bool same = found == step.literal || (any_case && lower_case(found) == lower_case(step.literal));
  if (step.kind == PatternStep::Kind::literal && !same) return false;
  text = rest;
  return true;
}

bool contains_code_point(std::string_view characters, char32_t wanted) {
  while (!characters.empty())
    if (take_code_point(characters) == wanted) return true;
  return false;
}

std::size_t last_code_point_at(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<std::uint8_t>(text[at]) & 0xC0) == 0x80)
    --at;
  return at;
}

std::string_view field_from_start(std::string_view text, std::string_view separator, std::int64_t number) {
  for (; number > 1; --number) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + separator.size());
  }
  return text.substr(0, text.find(separator));
}

std::string_view field_from_end(std::string_view text, std::string_view separator, std::int64_t number) {
  for (; number < -1; ++number) {
    const std::size_t at = text.rfind(separator);
    if (at == std::string_view::npos) return {};
    text = text.substr(0, at);
  }
  const std::size_t at = text.rfind(separator);
  return at == std::string_view::npos ? text : text.substr(at + separator.size());
}

}  // namespace

// Greedy with one point of return: after a failure only the last % can usefully take one more code point.
bool matches_like(std::string_view text, std::string_view pattern, char32_t escape, bool any_case) {
  std::string_view retry_text, retry_pattern;
  bool can_retry = false;
  while (!pattern.empty() || !text.empty()) {
    std::string_view rest = pattern;
    const PatternStep step = pattern.empty() ? PatternStep{} : take_step(rest, escape);
    if (step.kind == PatternStep::Kind::any_text) {
      pattern = retry_pattern = rest;
      retry_text = text;
      can_retry = true;
    } else if (!pattern.empty() && !text.empty() && takes(step, text, any_case)) {
      pattern = rest;
    } else {
      if (!can_retry || retry_text.empty()) return false;
      take_code_point(retry_text);
      text = retry_text;
      pattern = retry_pattern;
    }
  }
  return true;
}

std::string_view trimmed(std::string_view text, std::string_view characters, TrimSides sides) {
  while (sides != TrimSides::end && !text.empty()) {
    std::string_view rest = text;
    if (!contains_code_point(characters, take_code_point(rest))) break;
    text = rest;
  }
  while (sides != TrimSides::start && !text.empty()) {
    const std::size_t last = last_code_point_at(text);
    std::string_view tail = text.substr(last);
    if (!contains_code_point(characters, take_code_point(tail))) break;
    text = text.substr(0, last);
  }
  return text;
}

std::string_view left_of(std::string_view text, std::int64_t count) {
  if (count < 0) count += count_code_points(text);
  return count <= 0 ? std::string_view() : text.substr(0, bytes_of_code_points(text, count));
}

std::string_view right_of(std::string_view text, std::int64_t count) {
  const std::int64_t skipped = count >= 0 ? std::max<std::int64_t>(0, count_code_points(text) - count)
                               : count == INT64_MIN ? INT64_MAX
                                                    : -count;
  return text.substr(bytes_of_code_points(text, skipped));
}

std::string_view field_of(std::string_view text, std::string_view separator, std::int64_t number) {
  if (number == 0) return {};
  if (separator.empty()) return number == 1 || number == -1 ? text : std::string_view();
  return number > 0 ? field_from_start(text, separator, number) : field_from_end(text, separator, number);
}

std::int64_t position_of(std::string_view text, std::string_view part) {
  const std::size_t at = text.find(part);
  return at == std::string_view::npos ? 0 : count_code_points(text.substr(0, at)) + 1;
}

std::optional<std::string> replaced(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string out;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    out.append(text.substr(0, at)).append(to);
    if (out.size() > kTextBytesMax) return std::nullopt;
    text.remove_prefix(at + from.size());
  }
  out.append(text);
  return out.size() > kTextBytesMax ? std::nullopt : std::optional(std::move(out));
}

}  // namespace slipstream
