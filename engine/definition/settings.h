// Reads single values of the definitions. Each reports what does not fit and returns nullopt; each message
// shows how to write the value.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/time.h"
#include "engine/definition/plan.h"
#include "engine/definition/report.h"

namespace slipstream {

std::optional<std::string> read_text(const Setting& at, Report& report);
std::optional<bool> read_boolean(const Setting& at, Report& report);  // true, false
std::optional<std::int64_t> read_integer(const Setting& at, std::int64_t min, std::int64_t max,
                                         Report& report);
std::optional<Rational> read_number(const Setting& at, Report& report);  // decimal text, exact
std::optional<Rational> read_number_not_negative(const Setting& at, Report& report);
std::optional<Duration> read_duration(const Setting& at, Report& report);  // zero or more
std::optional<Duration> read_duration_positive(const Setting& at, Report& report);
std::optional<Timestamp> read_instant(const Setting& at, const Zone& zone,
                                      Report& report);  // date: its local midnight
std::optional<Timestamp> read_end(const Setting& at, const Zone& zone,
                                  Report& report);                   // date: the midnight after
std::optional<Title> read_title(const Setting& at, Report& report);  // a text (English), or { en, vi }
// Texts of a list, or one text.
std::vector<std::string> read_texts(const Setting& at, Report& report);

// Index of the word in `words`.
std::optional<std::size_t> read_word(const Setting& at, std::span<const std::string_view> words,
                                     Report& report);
// As read_word, for an enumeration whose words stand in the order of its values.
template <class Enum>
std::optional<Enum> read_enum(const Setting& at, std::span<const std::string_view> words, Report& report) {
  const auto index = read_word(at, words, report);
  if (!index) return std::nullopt;
  return static_cast<Enum>(*index);
}

// A boolean or other typed expression; the errors stand at their place within the text.
std::optional<Expression> read_expression(const Setting& at, const Scope& scope, Type wanted, Report& report);
std::optional<MeasureExpression> read_measure_expression(const Setting& at, const Scope& scope,
                                                         Report& report);

}  // namespace slipstream
