// Strict reading of one JSON object by simdjson on demand. On demand leaves skipped parts unchecked, so
// callers visit every member; numbers stay text, never a double. Texts point into the record, or into the
// arena where escapes had to be resolved. Includes simdjson: for the decoder's own sources only. Owned by the
// decoder's thread.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/expression/value.h"

namespace slipstream {

enum class TokenKind : std::uint8_t { text, number, boolean, null, nested };
std::string_view name_of(TokenKind kind);  // "a string", for messages

// A scalar as written, or the mark that an object or array stands here.
struct Token {
  TokenKind kind = TokenKind::null;
  std::string_view
      text;  // string: without quotes, escapes resolved; number: as written; boolean: true or false
};

class JsonCursor {
 public:
  using Object = simdjson::ondemand::object;
  using Array = simdjson::ondemand::array;
  using Item = simdjson::ondemand::value;

  explicit JsonCursor(Arena& arena) : arena_(arena) {}

  // Starts on a record; root() is its object. Errors: invalid_utf8, malformed_record.
  Result<> open(std::string_view json);
  Object& root() { return root_; }
  Result<> rewind();     // the root can be visited once more
  Result<> check_end();  // after the root was visited: nothing may follow it

  // visit(name, value) -> Result<> for each member of an object, in order.
  template <class Visit>
  Result<> each_member(Object object, const Visit& visit) {
    for (auto entry : object) {
      simdjson::ondemand::field field;
      if (const auto error = std::move(entry).get(field)) return not_json(error);
      const RawText raw = raw_text(field.key().raw());
      std::string_view name = raw.text;
      if (raw.has_escapes) {
        SLIPSTREAM_ASSIGN(name, resolve(raw));
      }
      SLIPSTREAM_TRY(visit(name, field.value()));
    }
    return {};
  }
  // visit(value) -> Result<> for each item of an array, in order.
  template <class Visit>
  Result<> each_item(Array array, const Visit& visit) {
    for (auto entry : array) {
      Item item;
      if (const auto error = std::move(entry).get(item)) return not_json(error);
      SLIPSTREAM_TRY(visit(item));
    }
    return {};
  }

  // Consumes a scalar; leaves an object or array to the caller.
  Result<Token> read_token(Item& item);
  // Error malformed_record when the item is no object or no array.
  Result<Object> read_object(Item& item);
  Result<Array> read_array(Item& item);

  static bool is_object(Item& item) { return item.raw_json_token().starts_with('{'); }
  static bool is_array(Item& item) { return item.raw_json_token().starts_with('['); }

 private:
  Result<Token> read_text(Item& item);
  // A string between its quotes, as written: in the record unless it has escapes.
  struct RawText {
    std::string_view text;
    bool has_escapes = false;
  };
  RawText raw_text(const char* raw) const;
  Result<std::string_view> resolve(const RawText& raw);
  static tl::unexpected<Error> not_json(simdjson::error_code error);

  Arena& arena_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  Object root_;
  std::vector<char> padded_;  // the record and simdjson's padding; reused
  std::string_view record_;
};

}  // namespace slipstream
