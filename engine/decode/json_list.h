// Lists of JSON data into their canonical text. For the decoder's own sources only.
#pragma once

#include <string>

#include "engine/decode/event_builder.h"
#include "engine/decode/json_cursor.h"

namespace slipstream {

// The canonical text of an array that stands for `use`; every item is checked.
Result<std::string> read_json_list(const FieldUse& use, JsonCursor::Array array, JsonCursor& cursor,
                                   const EventBuilder& builder);

}  // namespace slipstream
