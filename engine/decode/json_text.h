// The smallest pieces of JSON text, checked strictly: number grammar, string escapes; and text of unknown
// origin made fit for messages. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.h"

namespace slipstream {

// RFC 8259's number: no leading zeros, no '+', digits on both sides of the point.
bool is_json_number(std::string_view token);

// The text between a JSON string's quotes with its escapes resolved. Errors: malformed_record for an unknown
// or cut escape; invalid_utf8 for a lone surrogate and for \u0000.
Result<std::string> unescape_json(std::string_view raw);

bool is_valid_utf8(std::string_view text);
// Valid UTF-8 without NUL characters: what may become a text value.
bool is_plain_text(std::string_view text);

// For messages: at most 64 bytes, in double quotes, everything but printable ASCII and valid UTF-8 replaced
// by '?'.
std::string in_quotes(std::string_view text);

}  // namespace slipstream
