// Text as a value of another type: the rules of CAST, shared by literals and evaluation.
#pragma once

#include <optional>
#include <string_view>

#include "engine/expression/value.h"

namespace slipstream {

// Spaces around are ignored. boolean: true, false, t, f, yes, no, y, n, on, off, 1, 0 in any case; integer
// and decimal as written in SQL. nullopt: does not read as the type, or the type is none of these.
std::optional<Value> text_to_value(std::string_view text, Type type);

}  // namespace slipstream
