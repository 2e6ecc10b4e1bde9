// Lists as event values: co_units, evidence, indicators, successors, shares, days travel as one text, a JSON
// array in canonical form, so that equal lists are equal bytes whatever encoding they came in.
//
// Canonical: no white space; strings escape only '"', '\' and control characters (\u00xx, lower case);
// decimals are numbers without exponent or trailing zeros; a day is
// {"date":"2026-01-01","working":false,"name":"..."}, in this order, `name` left out when empty.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/decimal.h"
#include "engine/base/time.h"

namespace slipstream {

// A day that differs from the week's rule.
struct CalendarDay {
  CivilDate date;
  bool working = false;
  std::string name;
  friend bool operator==(const CalendarDay&, const CalendarDay&) = default;
};

void append_json_string(std::string& out, std::string_view text);  // text: valid UTF-8

std::string format_text_list(std::span<const std::string> items);
std::string format_decimal_list(std::span<const Decimal> items);
std::string format_day_list(std::span<const CalendarDay> items);

// Read the canonical form only; error wrong_type for anything else.
Result<std::vector<std::string>> read_text_list(std::string_view text);
Result<std::vector<Decimal>> read_decimal_list(std::string_view text);
Result<std::vector<CalendarDay>> read_day_list(std::string_view text);

}  // namespace slipstream
