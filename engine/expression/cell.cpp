#include "engine/expression/cell.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

namespace slipstream {
namespace {

bool stands_for_itself(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_quoted(std::string& out, std::string_view text) {
  if (!std::ranges::all_of(text, stands_for_itself)) {
    out += boost::json::serialize(boost::json::string(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

Cell literal_cell(std::string text) { return {std::move(text), {}, Cell::Json::literal}; }

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_json(std::string& out, const Cell& cell) {
  switch (cell.json) {
    case Cell::Json::null:
      out += "null";
      break;
    case Cell::Json::literal:
      out += cell.text;
      break;
    case Cell::Json::string:
      append_quoted(out, cell.text);
      break;
  }
}

void append_json_member(std::string& members, std::string_view name, const Cell& cell) {
  if (!members.empty()) members += ", ";
  append_quoted(members, name);
  members += ": ";
  append_json(members, cell);
  if (cell.exact.empty()) return;
  members += ", ";
  append_quoted(members, std::string(name).append(kExactSuffix));
  members += ": ";
  append_quoted(members, cell.exact);
}

Cell text_cell(std::string_view text) { return {std::string(text), {}, Cell::Json::string}; }

Cell optional_text_cell(std::string_view text) { return text.empty() ? Cell() : text_cell(text); }

Cell integer_cell(std::int64_t number) { return literal_cell(std::to_string(number)); }

Cell count_cell(std::uint64_t number) { return literal_cell(std::to_string(number)); }

Cell boolean_cell(bool truth) { return literal_cell(truth ? "true" : "false"); }

Cell time_cell(Timestamp at, const Zone& zone) {
  if (!is_representable(at)) return {};
  return {format_timestamp(at, zone), {}, Cell::Json::string};
}

Cell number_cell(const Rational& number, int digits) {
  return {format_rational(number, digits), exact_text(number), Cell::Json::literal};
}

Cell number_cell(const Rational& number) {
  return {format_rational(number), exact_text(number), Cell::Json::literal};
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
  return literal_cell(value.as_decimal().normalized().to_string());
}

}  // namespace slipstream
