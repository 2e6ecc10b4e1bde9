// Texts that carry the places of their own mistakes: "»" stands right before each byte an error is expected
// at, so that a table of wrong definitions reads as what it proves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/definition/diagnostic.h"

namespace slipstream {

struct MarkedText {
  std::string text;         // without the marks
  std::vector<Mark> marks;  // in the order of the text
};
MarkedText read_marks(std::string_view marked);

// Definitions that parts under test stand on; "@calendar", "@views", "@kpis" and "@targets" on a line of
// their own are replaced by them.
std::string with_parts(std::string_view text);

// "unknown_key 3:5" for each, in the order of their places.
std::vector<std::string> places_of(const Diagnostics& diagnostics);
std::string all_messages(const Diagnostics& diagnostics);

}  // namespace slipstream
