// The typed plan of an expression: what typing makes and evaluation walks. Nodes of one expression lie in one
// vector, siblings beside each other, and are constant after compilation; any thread may read them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/expression/calendar.h"
#include "engine/expression/value.h"

namespace slipstream {

enum class Op : std::uint8_t {
  constant,         // constant
  local_timestamp,  // constant: a timestamp whose microseconds count local civil time; the zone is known when
                    // evaluated
  column,           // column
  clock,            // now()
  logical_and,      // args; the first free_arg_count of them do not depend on the clock
  logical_or,
  logical_not,
  compare,        // args[0] comparison args[1]
  compare_clock,  // now() comparison args[0]: the hot form of "due_at < now()"
  between,        // args: value, low, high; negated
  in_list,        // args: value, items; negated
  is_null,        // negated: IS NOT NULL
  boolean_test,   // args[0] IS truth; negated
  distinct_from,  // negated: IS NOT DISTINCT FROM
  like,           // args: value, pattern; escape; negated; any_case
  case_simple,    // args: operand, (value, result) pairs, else
  case_searched,  // args: (condition, result) pairs, else
  coalesce,
  nullif,
  greatest,
  least,
  negate,  // numbers
  add,
  subtract,
  multiply,
  divide,
  modulo,
  add_interval,          // timestamp + sign * interval
  timestamp_difference,  // timestamp - timestamp
  sum_of_intervals,      // interval + sign * interval
  negate_interval,
  multiply_interval,  // interval * number
  divide_interval,    // interval / number
  cast,               // to `type`
  absolute,
  round,     // args: number, maybe digits
  truncate,  // args: number, maybe digits
  floor,
  ceiling,
  sign,
  power,
  lower,
  upper,
  length,
  trim,  // args: text, maybe characters; sides
  concat,
  append,  // ||
  left,
  right,
  starts_with,
  split_part,
  replace,
  position,    // args: text, part
  date_trunc,  // field; args: timestamp
  extract,     // field; args: timestamp or interval
};

enum class Comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

// SQL's three truth values, in an order where AND is the minimum, OR the maximum and NOT 2 - x.
enum class Truth : std::uint8_t { no = 0, unknown = 1, yes = 2 };

// How the value of a node depends on the clock.
enum class ClockUse : std::uint8_t {
  none,      // not at all, or only through comparisons, which say themselves when they change
  stepping,  // constant between instants: date_trunc('day', now())
  moving,    // changes every microsecond: now(), now() - assigned_at
};

enum class TrimSides : std::uint8_t { both, start, end };

struct ExpressionNode {
  Op op = Op::constant;
  Type type = Type::null;
  ClockUse clock = ClockUse::none;
  bool uses_clock = false;  // anywhere below
  bool negated = false;
  bool any_case = false;
  Comparison comparison = Comparison::equal;
  Truth truth = Truth::yes;
  CalendarField field = CalendarField::day;
  TrimSides sides = TrimSides::both;
  std::int8_t sign = 1;
  std::uint16_t column = 0;
  std::uint16_t arg_count = 0;
  std::uint16_t free_arg_count = 0;
  char32_t escape = 0;  // 0: none
  const ExpressionNode* args = nullptr;
  Value constant;
};

// Owns the nodes of one expression and the text of its constants.
struct Program {
  std::vector<ExpressionNode> nodes;  // the root first; never resized once args point into it
  std::deque<std::string> texts;
};

}  // namespace slipstream
