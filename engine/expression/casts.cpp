// Reading booleans and numbers from text.
#include "engine/expression/casts.h"

#include <array>
#include <utility>

#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

std::string_view without_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::optional<Value> text_to_boolean(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, bool>, 12> kWords = {{{"true", true},
                                                                                {"false", false},
                                                                                {"t", true},
                                                                                {"f", false},
                                                                                {"yes", true},
                                                                                {"no", false},
                                                                                {"y", true},
                                                                                {"n", false},
                                                                                {"on", true},
                                                                                {"off", false},
                                                                                {"1", true},
                                                                                {"0", false}}};
  if (text.size() > 5) return std::nullopt;
  const std::string lower = lower_case(text);
  for (const auto& [word, meaning] : kWords)
    if (word == lower) return Value::boolean(meaning);
  return std::nullopt;
}

}  // namespace

std::optional<Value> text_to_value(std::string_view text, Type type) {
  const std::string_view content = without_spaces(text);
  if (type == Type::boolean) return text_to_boolean(content);
  if (type != Type::integer && type != Type::decimal) return std::nullopt;
  const auto number = Decimal::parse(content);
  if (!number) return std::nullopt;
  if (type == Type::decimal) return Value::decimal(*number);
  const auto integer = number->to_integer();
  const bool plain = content.find_first_of(".eE") == std::string_view::npos;
  return integer && plain ? std::optional(Value::integer(*integer)) : std::nullopt;
}

}  // namespace slipstream
