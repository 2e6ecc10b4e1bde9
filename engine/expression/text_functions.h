// Functions on text, by code points, without the locale. Results are views into their arguments unless
// returned as std::string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/expression/expression_node.h"

namespace slipstream {

// PostgreSQL's LIKE: % any text, _ one code point; `escape` (0: none) makes the next code point literal.
bool matches_like(std::string_view text, std::string_view pattern, char32_t escape, bool any_case);
std::string_view trimmed(std::string_view text, std::string_view characters, TrimSides sides);
// The first `count` code points; negative: all but the last.
std::string_view left_of(std::string_view text, std::int64_t count);
std::string_view right_of(std::string_view text, std::int64_t count);
// The field between separators, from 1; negative: from the end. Empty when there is none or `number` is 0.
std::string_view field_of(std::string_view text, std::string_view separator, std::int64_t number);
// Code point, from 1, where `part` first occurs; 0 when it does not.
std::int64_t position_of(std::string_view text, std::string_view part);
// nullopt: the result would be longer than kTextBytesMax.
inline constexpr std::size_t kTextBytesMax = 1024 * 1024;
// What one evaluation may do to texts: bytes written, and for a search the bytes of the text times those of
// what is looked for, which bounds the search however the two repeat themselves.
inline constexpr std::size_t kTextWorkMax = 64 * 1024 * 1024;
std::optional<std::string> replaced(std::string_view text, std::string_view from, std::string_view to);

}  // namespace slipstream
