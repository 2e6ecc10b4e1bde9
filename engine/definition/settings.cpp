#include "engine/definition/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/section.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

// A base parser's answer, with its error reported at the value. Whatever the parser calls it, to the author
// it is a value that does not fit its key.
template <class T>
std::optional<T> accept(Result<T> result, const Setting& at, Report& report) {
  if (result) return *std::move(result);
  report.add(ErrorCode::invalid_value, at, result.error().message);
  return std::nullopt;
}

const std::string* scalar_of(const Setting& at, std::string_view wanted, Report& report) {
  if (at.node->kind == Document::Kind::scalar) return &at.node->scalar;
  report.add(ErrorCode::type_mismatch, at, fmt::format("expected {}", wanted));
  return nullptr;
}

}  // namespace

std::optional<std::string> read_text(const Setting& at, Report& report) {
  const std::string* text = scalar_of(at, "a text", report);
  if (text == nullptr) return std::nullopt;
  if (text->empty()) {
    report.add(ErrorCode::invalid_value, at, "an empty text", "give a text or leave the key out");
    return std::nullopt;
  }
  return *text;
}

std::optional<bool> read_boolean(const Setting& at, Report& report) {
  static constexpr std::array<std::string_view, 2> kWords = {"false", "true"};
  const auto index = read_word(at, kWords, report);
  if (!index) return std::nullopt;
  return *index == 1;
}

std::optional<std::int64_t> read_integer(const Setting& at, std::int64_t min, std::int64_t max,
                                         Report& report) {
  const std::string* text = scalar_of(at, "a whole number", report);
  if (text == nullptr) return std::nullopt;
  const auto number = Decimal::parse(*text);
  const auto integer = number ? number->to_integer() : std::nullopt;
  if (integer && *integer >= min && *integer <= max) return integer;
  report.add(ErrorCode::invalid_value, at,
             fmt::format("'{}' is no whole number from {} to {}", *text, min, max));
  return std::nullopt;
}

std::optional<Rational> read_number(const Setting& at, Report& report) {
  const std::string* text = scalar_of(at, "a number", report);
  if (text == nullptr) return std::nullopt;
  const auto number = accept(Decimal::parse(*text), at, report);
  if (!number) return std::nullopt;
  return to_rational(*number);
}

std::optional<Rational> read_number_not_negative(const Setting& at, Report& report) {
  auto number = read_number(at, report);
  if (!number || *number >= 0) return number;
  report.add(ErrorCode::invalid_value, at, "must not be negative");
  return std::nullopt;
}

std::optional<Duration> read_duration(const Setting& at, Report& report) {
  const std::string* text = scalar_of(at, "a duration like '3 days'", report);
  if (text == nullptr) return std::nullopt;
  const auto duration = accept(parse_duration(*text), at, report);
  if (!duration || duration->us >= 0) return duration;
  report.add(ErrorCode::invalid_value, at, "a duration must not be negative");
  return std::nullopt;
}

std::optional<Duration> read_duration_positive(const Setting& at, Report& report) {
  const auto duration = read_duration(at, report);
  if (!duration || duration->us > 0) return duration;
  report.add(ErrorCode::invalid_value, at, "must be longer than zero");
  return std::nullopt;
}

std::optional<Timestamp> read_instant(const Setting& at, const Zone& zone, Report& report) {
  const std::string* text = scalar_of(at, "a date like 2021-01-20", report);
  if (text == nullptr) return std::nullopt;
  return accept(parse_timestamp(*text, &zone), at, report);
}

std::optional<Timestamp> read_end(const Setting& at, const Zone& zone, Report& report) {
  const std::string* text = scalar_of(at, "a date like 2021-07-04", report);
  if (text == nullptr) return std::nullopt;
  return accept(parse_deadline(*text, zone), at, report);
}

std::optional<Title> read_title(const Setting& at, Report& report) {
  if (at.node->kind != Document::Kind::map) {
    auto text = read_text(at, report);
    if (!text) return std::nullopt;
    return Title{*std::move(text), ""};
  }
  const auto section = Section::open(at, keys::kTitle, report);
  Title title;
  if (const auto en = section->find("en")) title.en = read_text(*en, report).value_or("");
  if (const auto vi = section->find("vi")) title.vi = read_text(*vi, report).value_or("");
  return title;
}

std::vector<std::string> read_texts(const Setting& at, Report& report) {
  std::vector<std::string> texts;
  for (const Setting& item : items_or_self(at))
    if (auto text = read_text(item, report)) texts.push_back(*std::move(text));
  return texts;
}

std::optional<std::size_t> read_word(const Setting& at, std::span<const std::string_view> words,
                                     Report& report) {
  const std::string* text = scalar_of(at, fmt::format("one of {}", listed(words)), report);
  if (text == nullptr) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  report.add(ErrorCode::invalid_value, at, fmt::format("'{}' is none of {}", *text, listed(words)),
             suggest(*text, words));
  return std::nullopt;
}

std::optional<Expression> read_expression(const Setting& at, const Scope& scope, Type wanted,
                                          Report& report) {
  const std::string* text = scalar_of(at, "an expression", report);
  if (text == nullptr) return std::nullopt;
  std::vector<ExpressionError> errors;
  auto expression = compile_expression(*text, scope, wanted, errors);
  report.add(at, errors);
  return expression;
}

std::optional<MeasureExpression> read_measure_expression(const Setting& at, const Scope& scope,
                                                         Report& report) {
  const std::string* text = scalar_of(at, "an expression", report);
  if (text == nullptr) return std::nullopt;
  std::vector<ExpressionError> errors;
  auto expression = compile_measure(*text, scope, errors);
  report.add(at, errors);
  return expression;
}

}  // namespace slipstream
