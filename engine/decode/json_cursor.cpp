#include "engine/decode/json_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/decode/json_text.h"

namespace slipstream {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::malformed_record, fmt::format("event: {}", what));
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && is_space(token.back()))
    token.remove_suffix(1);
  return token;
}

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest of its word");

// Eight bytes at a time; it may read as far as the padding behind the record. A byte is zero where borrowing
// from it sets its high bit; only bytes above the first such one may seem so in error.
const char* find_quote_or_backslash(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = 0x8080808080808080;
  for (;; at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t quote = word ^ kOnes * '"', backslash = word ^ kOnes * '\\';
    const std::uint64_t zeros = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) & kHighBits;
    if (zeros != 0) return at + std::countr_zero(zeros) / 8;
  }
}

}  // namespace

std::string_view name_of(TokenKind kind) {
  constexpr std::array<std::string_view, 5> names{"a string", "a number", "a boolean", "null",
                                                  "an object or array"};
  return names[static_cast<std::size_t>(kind)];
}

Result<> JsonCursor::open(std::string_view json) {
  record_ = json;
  const std::size_t wanted = json.size() + simdjson::SIMDJSON_PADDING;
  if (padded_.size() < wanted) padded_.resize(std::max(wanted, padded_.size() * 2));
  std::memcpy(padded_.data(), json.data(), json.size());
  std::memset(padded_.data() + json.size(), ' ', simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view view(padded_.data(), json.size(), padded_.size());
  const auto error = parser_.iterate(view).get(document_);
  // Stage one reports the first of several defects it finds; the encoding comes first whatever else is wrong.
  if (error != simdjson::SUCCESS && !is_valid_utf8(json))
    return fail(ErrorCode::invalid_utf8, "event: the record is not valid UTF-8");
  if (error != simdjson::SUCCESS) return not_json(error);
  if (const auto not_object = document_.get_object().get(root_)) return not_json(not_object);
  return {};
}

Result<> JsonCursor::rewind() {
  document_.rewind();
  if (const auto error = document_.get_object().get(root_)) return not_json(error);
  return {};
}

Result<> JsonCursor::check_end() {
  const char* rest = nullptr;
  if (document_.current_location().get(rest) != simdjson::SUCCESS) return {};
  return malformed("something follows the JSON object");
}

tl::unexpected<Error> JsonCursor::not_json(simdjson::error_code error) {
  return malformed(
      fmt::format("the record is not one valid JSON object: {}", simdjson::error_message(error)));
}

// `raw` is behind a string's opening quote; stage one has made sure that a closing one comes.
JsonCursor::RawText JsonCursor::raw_text(const char* raw) const {
  const char* end = find_quote_or_backslash(raw);
  const auto size = [&] { return static_cast<std::size_t>(end - raw); };
  if (*end == '"') return {record_.substr(static_cast<std::size_t>(raw - padded_.data()), size()), false};
  while (*end != '"')
    end = find_quote_or_backslash(end + 2);
  return {{raw, size()}, true};
}

Result<std::string_view> JsonCursor::resolve(const RawText& raw) {
  auto text = unescape_json(raw.text);
  if (!text) return fail(text.error().code, "event: " + text.error().message);
  return arena_.keep(*std::move(text));
}

Result<Token> JsonCursor::read_token(Item& item) {
  const std::string_view raw = trimmed(item.raw_json_token());
  if (raw.empty()) return malformed("a value is missing");
  switch (raw.front()) {
    case '"':
      return read_text(item);
    case '{':
    case '[':
      return Token{TokenKind::nested, {}};
    case 't':
    case 'f':
      if (raw != "true" && raw != "false") break;
      return Token{TokenKind::boolean, raw};
    case 'n':
      if (raw != "null") break;
      return Token{TokenKind::null, {}};
    default:
      if (!is_json_number(raw)) break;
      return Token{TokenKind::number, raw};
  }
  return malformed(in_quotes(raw) + " is no JSON value");
}

// Consumed here and not by the iteration, which would take a string before a ':' for a key and go on.
Result<Token> JsonCursor::read_text(Item& item) {
  simdjson::ondemand::raw_json_string string;
  if (const auto error = item.get_raw_json_string().get(string)) return not_json(error);
  const RawText raw = raw_text(string.raw());
  if (!raw.has_escapes) return Token{TokenKind::text, raw.text};
  SLIPSTREAM_ASSIGN(const std::string_view text, resolve(raw));
  return Token{TokenKind::text, text};
}

Result<JsonCursor::Object> JsonCursor::read_object(Item& item) {
  Object object;
  if (const auto error = item.get_object().get(object)) return not_json(error);
  return object;
}

Result<JsonCursor::Array> JsonCursor::read_array(Item& item) {
  Array array;
  if (const auto error = item.get_array().get(array)) return not_json(error);
  return array;
}

}  // namespace slipstream
