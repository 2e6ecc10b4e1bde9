#include "connectors/http/accepted_encoding.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "engine/base/ascii.h"

namespace slipstream {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The text up to the separator, which is taken off with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return trimmed(part);
}

bool same_word(std::string_view word, std::string_view lower_case) {
  return std::equal(word.begin(), word.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

// "0.5" is 500: a weight has at most three decimals. nullopt: it is none.
std::optional<int> thousandths(std::string_view weight) {
  if (weight.empty() || weight.size() > 5 || (weight[0] != '0' && weight[0] != '1')) return std::nullopt;
  int value = (weight[0] - '0') * 1000;
  if (weight.size() > 1 && weight[1] != '.') return std::nullopt;
  int unit = 100;
  for (const char digit : weight.substr(std::min<std::size_t>(2, weight.size()))) {
    if (!is_digit(digit)) return std::nullopt;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

std::optional<int> weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take_until(parameters, ';');
    if (same_word(take_until(value, '='), "q")) return thousandths(trimmed(value));
  }
  return 1000;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> gzip, any;
  while (!accept_encoding.empty()) {
    std::string_view item = take_until(accept_encoding, ',');
    const std::string_view coding = take_until(item, ';');
    const bool is_allowed = weight_of(item).value_or(0) > 0;
    if (same_word(coding, "gzip") || same_word(coding, "x-gzip")) gzip = is_allowed;
    if (coding == "*") any = is_allowed;
  }
  return gzip.value_or(any.value_or(false));
}

}  // namespace slipstream
