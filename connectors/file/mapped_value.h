// The text of a cell as the typed value of an event's field.
#pragma once

#include <string_view>

#include "engine/decode/catalogue.h"
#include "engine/expression/value.h"

namespace slipstream {

// As value_from_text of the engine, and for lists: items separated by ';', or a JSON array. Text of the
// result points into `text` or `arena`. The value passes check_field. Errors: those of blame `data`.
Result<Value> mapped_value(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                           const Zone& zone, Arena& arena);

}  // namespace slipstream
