// From libpg_query's parse tree to Syntax. What the language does not have is refused by name and place.
// Internal to the module.
#pragma once

#include "engine/expression/parse_tree.h"
#include "engine/expression/syntax.h"

namespace slipstream {

// The text is parsed as a statement, in brackets; a node's `location` counts bytes of that statement.
inline constexpr std::string_view kStatementPrefix = "SELECT (";
inline constexpr std::string_view kStatementSuffix = "\n)";

// False when an error was reported. `text` is the user's.
bool convert_to_syntax(const boost::json::value& tree, std::string_view text, Syntax& out,
                       std::vector<ExpressionError>& errors);

}  // namespace slipstream
