// One value of an answer: as people read it, and as JSON holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/expression/value.h"

namespace slipstream {

struct Cell {
  enum class Json : std::uint8_t { null, literal, string };  // what `text` is there

  std::string text = {};   // table and CSV; empty: nothing is known
  std::string exact = {};  // of a number that was rounded: "200/3"; JSON has it beside the rounded one
  Json json = Json::null;
};

std::string json_string(std::string_view text);        // quoted and escaped
void append_json(std::string& out, const Cell& cell);  // but for what is exact
// Appends `"name": value` to the members of an object, and beside it, under its name and this suffix, the
// exact number if it was rounded.
inline constexpr std::string_view kExactSuffix = "_exact";
void append_json_member(std::string& members, std::string_view name, const Cell& cell);

Cell text_cell(std::string_view text);
// Nothing for "not known", unlike an empty text.
Cell optional_text_cell(std::string_view text);
Cell integer_cell(std::int64_t number);
Cell count_cell(std::uint64_t number);
Cell boolean_cell(bool truth);
Cell time_cell(Timestamp at, const Zone& zone);
// Rounded half-even to `digits` after the point, always with that many.
Cell number_cell(const Rational& number, int digits);
// Whole when its decimals end, else rounded half-even to 6 digits.
Cell number_cell(const Rational& number);
Cell number_cell(const std::optional<Rational>& number, int digits);
// A number with `digits` after the point; without them whole when it ends, else rounded half-even to 6.
Cell value_cell(const KpiValue& value, const Zone& zone, std::optional<int> digits = std::nullopt);
Cell value_cell(const Value& value, const Zone& zone);

}  // namespace slipstream
