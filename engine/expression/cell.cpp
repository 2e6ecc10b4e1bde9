#include "engine/expression/cell.h"

#include <boost/json.hpp>

namespace slipstream {

std::string json_string(std::string_view text) { return boost::json::serialize(boost::json::string(text)); }

void append_json_member(std::string& members, std::string_view name, const Cell& cell) {
  if (!members.empty()) members += ", ";
  members += json_string(name) + ": " + cell.json;
  if (!cell.exact.empty())
    members += ", " + json_string(std::string(name).append(kExactSuffix)) + ": " + json_string(cell.exact);
}

Cell text_cell(std::string_view text) { return {std::string(text), json_string(text), {}}; }

Cell optional_text_cell(std::string_view text) { return text.empty() ? Cell() : text_cell(text); }

Cell integer_cell(std::int64_t number) { return {std::to_string(number), std::to_string(number), {}}; }

Cell count_cell(std::uint64_t number) { return {std::to_string(number), std::to_string(number), {}}; }

Cell boolean_cell(bool truth) {
  const std::string text = truth ? "true" : "false";
  return {text, text, {}};
}

Cell time_cell(Timestamp at, const Zone& zone) {
  return is_representable(at) ? text_cell(format_timestamp(at, zone)) : Cell();
}

Cell number_cell(const Rational& number, int digits) {
  const std::string text = format_rational(number, digits);
  return {text, text, exact_text(number)};
}

Cell number_cell(const Rational& number) {
  const std::string text = format_rational(number);
  return {text, text, exact_text(number)};
}

Cell number_cell(const std::optional<Rational>& number, int digits) {
  return number ? number_cell(*number, digits) : Cell();
}

Cell value_cell(const KpiValue& value, const Zone& zone, std::optional<int> digits) {
  switch (value.type()) {
    case Type::null:
      return {};
    case Type::boolean:
      return boolean_cell(value.as_boolean());
    case Type::integer:
      return integer_cell(value.as_integer());
    case Type::decimal:
      return digits ? number_cell(value.as_decimal(), *digits) : number_cell(value.as_decimal());
    case Type::text:
      return text_cell(value.as_text());
    case Type::timestamp:
      return time_cell(value.as_timestamp(), zone);
    case Type::interval:
      return text_cell(format_interval(value.as_interval()));
  }
  return {};
}

Cell value_cell(const Value& value, const Zone& zone) {
  if (value.type() != Type::decimal) return value_cell(to_kpi_value(value), zone);
  const std::string text = value.as_decimal().normalized().to_string();
  return {text, text, {}};
}

}  // namespace slipstream
