// The functions an expression may call, and the names of those it may not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/expression_node.h"

namespace slipstream {

enum class Parameter : std::uint8_t { number, integer, text, any };

// A function whose typing needs nothing but its parameters. Functions of the calendar have rules of their
// own.
struct FunctionRule {
  std::string_view name;
  Op op;
  std::size_t args_min, args_max;
  std::vector<Parameter> parameters;  // the last one repeats
  Type result;                        // null: the type of the first argument
  TrimSides sides = TrimSides::both;
};

inline constexpr std::size_t kArgsMax = 1'000;

const FunctionRule* find_function(std::string_view name);
bool is_aggregate_name(std::string_view name);
// Every callable name, for suggestions.
std::vector<std::string_view> function_names();

// "did you mean due_at?" for the nearest of `known`, or "" when none is near: more than a third of it would
// change.
std::string suggest_name(std::string_view unknown, std::span<const std::string_view> known);

}  // namespace slipstream
