#include "connectors/definition/figure_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipstream {
namespace {

bool has_finite_form(const Rational& number) {
  const auto back = parse_rational(format_rational(number));
  return back && *back == number;
}

bool is_number(const Rational& number, const std::string& expected) {
  const auto wanted = Decimal::parse(expected);
  if (!wanted) return false;
  if (has_finite_form(number)) return number == to_rational(*wanted);
  const std::size_t point = expected.find('.');
  const std::size_t digits = point == std::string::npos ? 0 : expected.size() - point - 1;
  return rounded(number, static_cast<int>(digits)) == to_rational(*wanted);
}

}  // namespace

Figure figure_of(const KpiValue& value, const Zone& zone) {
  if (value.is_null()) return {Type::null, "NULL", std::nullopt};
  return {value.type(), format_value(value, zone), number_of(value)};
}

Figure figure_of(const std::optional<Rational>& number) {
  if (!number) return {Type::null, "NULL", std::nullopt};
  return {Type::decimal, format_rational(*number), number};
}

Figure figure_of(std::string_view text) { return {Type::text, std::string(text), std::nullopt}; }

const Figure* find_figure(const AnswerRow& row, std::string_view name) {
  const auto found =
      std::find_if(row.begin(), row.end(), [&](const auto& cell) { return cell.first == name; });
  return found == row.end() ? nullptr : &found->second;
}

std::string describe(const AnswerRow& row) {
  std::string out;
  for (const auto& [name, figure] : row)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, figure.text);
  return out;
}

bool is_as_expected(const Figure& figure, const std::optional<std::string>& expected, const Zone& zone) {
  if (!expected || figure.type == Type::null) return !expected && figure.type == Type::null;
  if (figure.number) return is_number(*figure.number, *expected);
  if (figure.type == Type::timestamp) {
    const auto instant = parse_timestamp(*expected, &zone);
    return instant && format_timestamp(*instant, zone) == figure.text;
  }
  if (figure.type == Type::interval) {
    const auto interval = parse_interval(*expected);
    return interval && format_interval(*interval) == figure.text;
  }
  return figure.text == *expected;
}

std::string differences(const AnswerRow& row, const ExpectedCells& expected, const Zone& zone) {
  std::string out;
  for (const ExpectedCell& cell : expected) {
    const Figure* figure = find_figure(row, cell.name);
    if (figure == nullptr || is_as_expected(*figure, cell.text, zone)) continue;
    out += fmt::format("{}{} is {}, expected {}", out.empty() ? "" : "; ", cell.name, figure->text,
                       cell.text.value_or("NULL"));
  }
  return out;
}

}  // namespace slipstream
