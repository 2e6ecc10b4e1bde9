// The table of functions, and the nearest name to a misspelt one.
#include "engine/expression/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipstream {
namespace {

using enum Parameter;

const std::vector<FunctionRule>& rules() {
  static const std::vector<FunctionRule> kRules = {
      {"abs", Op::absolute, 1, 1, {number}, Type::null},
      {"btrim", Op::trim, 1, 2, {text}, Type::text},
      {"ceil", Op::ceiling, 1, 1, {number}, Type::null},
      {"ceiling", Op::ceiling, 1, 1, {number}, Type::null},
      {"char_length", Op::length, 1, 1, {text}, Type::integer},
      {"concat", Op::concat, 1, kArgsMax, {any}, Type::text},
      {"floor", Op::floor, 1, 1, {number}, Type::null},
      {"left", Op::left, 2, 2, {text, integer}, Type::text},
      {"length", Op::length, 1, 1, {text}, Type::integer},
      {"lower", Op::lower, 1, 1, {text}, Type::text},
      {"ltrim", Op::trim, 1, 2, {text}, Type::text, TrimSides::start},
      {"position", Op::position, 2, 2, {text}, Type::integer},
      {"power", Op::power, 2, 2, {number, integer}, Type::decimal},
      {"replace", Op::replace, 3, 3, {text}, Type::text},
      {"right", Op::right, 2, 2, {text, integer}, Type::text},
      {"round", Op::round, 1, 2, {number, integer}, Type::null},
      {"rtrim", Op::trim, 1, 2, {text}, Type::text, TrimSides::end},
      {"sign", Op::sign, 1, 1, {number}, Type::null},
      {"split_part", Op::split_part, 3, 3, {text, text, integer}, Type::text},
      {"starts_with", Op::starts_with, 2, 2, {text}, Type::boolean},
      {"strpos", Op::position, 2, 2, {text}, Type::integer},
      {"trim", Op::trim, 1, 2, {text}, Type::text},
      {"trunc", Op::truncate, 1, 2, {number, integer}, Type::null},
      {"upper", Op::upper, 1, 1, {text}, Type::text},
  };
  return kRules;
}

// Typed by rules of their own, or forms the grammar knows.
constexpr std::array<std::string_view, 10> kSpecialNames = {
    "now",      "current_date", "date_trunc", "date_part", "extract",
    "coalesce", "nullif",       "greatest",   "least",     "mod"};

constexpr std::array<std::string_view, 16> kAggregateNames = {"count",      "sum",
                                                              "avg",        "min",
                                                              "max",        "first",
                                                              "last",       "percentile_cont",
                                                              "ratio",      "percentile_disc",
                                                              "stddev",     "variance",
                                                              "median",     "array_agg",
                                                              "string_agg", "mode"};

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t alignment_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

const FunctionRule* find_function(std::string_view name) {
  const auto& all = rules();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const FunctionRule& rule) { return rule.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool is_aggregate_name(std::string_view name) {
  return std::find(kAggregateNames.begin(), kAggregateNames.end(), name) != kAggregateNames.end();
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names(kSpecialNames.begin(), kSpecialNames.end());
  for (const FunctionRule& rule : rules())
    names.push_back(rule.name);
  return names;
}

std::string suggest_name(std::string_view unknown, std::span<const std::string_view> known) {
  constexpr std::size_t kNameMax = 100;
  std::string_view nearest;
  std::size_t nearest_distance = SIZE_MAX;
  for (const std::string_view name : known) {
    if (name.size() > kNameMax || unknown.size() > kNameMax) continue;
    const std::size_t distance = alignment_distance(unknown, name);
    if (distance * 3 > std::max(name.size(), unknown.size()) || distance >= nearest_distance) continue;
    nearest = name;
    nearest_distance = distance;
  }
  return nearest.empty() ? "" : fmt::format("did you mean {}?", nearest);
}

}  // namespace slipstream
