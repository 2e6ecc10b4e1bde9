// Evaluator: values that depend on the clock, and how they move. Included by evaluate.cpp alone.
#pragma once

#include "engine/expression/evaluator.h"

namespace slipstream {

// What a consumer that knows nothing of motion must assume.
template <class Number>
void Evaluator<Number>::settle(const Motion& motion) {
  note(motion.slope == 0 ? motion.until : std::min(motion.until, later(context_.now, 1)));
}

template <class Number>
auto Evaluator<Number>::operand(const ExpressionNode& node, Motion& motion) -> V {
  motion = {};
  return node.clock == ClockUse::none ? compute(node) : moving(node, motion);
}

template <class Number>
auto Evaluator<Number>::moving(const ExpressionNode& node, Motion& motion) -> V {
  switch (node.op) {
    case Op::clock:
      motion = Motion::of_clock();
      return V::timestamp(context_.now);
    case Op::add_interval:
    case Op::timestamp_difference:
    case Op::sum_of_intervals:
      return moving_binary(node, motion);
    case Op::negate_interval: {
      V argument = operand(node.args[0], motion);
      const auto negated = argument.is_null() ? std::nullopt : add_intervals({}, argument.as_interval(), -1);
      motion = combined({}, motion, -1);
      return negated ? V::interval(*negated) : argument.is_null() ? V::null() : lost();
    }
    case Op::date_trunc:
    case Op::extract:
      return moving_field(node, motion);
    case Op::case_simple:
    case Op::case_searched:
    case Op::coalesce:
    case Op::nullif:
    case Op::greatest:
    case Op::least:
      return choice(node, motion);
    default: {
      const Timestamp before = std::exchange(until_, Timestamp::max());
      V result = compute(node);
      motion = Motion::steady_until(until_);
      until_ = before;
      return result;
    }
  }
}

template <class Number>
auto Evaluator<Number>::moving_binary(const ExpressionNode& node, Motion& motion) -> V {
  const ExpressionNode& left = node.args[0];
  const ExpressionNode& right = node.args[1];
  Motion left_motion, right_motion;
  const V a = operand(left, left_motion);
  const V b = operand(right, right_motion);
  // A NULL that does not depend on the clock decides for good.
  if ((a.is_null() && left_motion.is_constant()) || (b.is_null() && right_motion.is_constant()))
    return V::null();
  V result = calendar_arithmetic(node, a, b);
  if (result.is_null()) {
    motion = Motion::steady_until(std::min(left_motion.until, right_motion.until));
  } else if (node.op == Op::add_interval) {
    // Months and days move the timestamp as it stands; the microseconds, which alone can move, come on top.
    const Motion moved =
        shifted(left_motion, a.as_timestamp(), b.as_interval(), node.sign, context_.now, *context_.zone);
    motion = combined(moved, right_motion, node.sign);
  } else {
    motion = combined(left_motion, right_motion, node.op == Op::timestamp_difference ? -1 : node.sign);
  }
  return result;
}

template <class Number>
auto Evaluator<Number>::moving_field(const ExpressionNode& node, Motion& motion) -> V {
  const V argument = operand(node.args[0], motion);
  if (argument.is_null() ||
      (argument.type() == Type::timestamp && !is_representable(argument.as_timestamp()))) {
    motion = Motion::steady_until(motion.until);
    return calendar_field(node, argument);
  }
  if (argument.type() == Type::interval)
    motion = extracted(motion, node.field, argument.as_interval(), context_.now);
  else if (node.op == Op::extract)
    motion = extracted(motion, node.field, argument.as_timestamp(), context_.now, *context_.zone);
  else
    motion = truncated(motion, node.field, argument.as_timestamp(), context_.now, *context_.zone);
  return calendar_field(node, argument);
}

}  // namespace slipstream
