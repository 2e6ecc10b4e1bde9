// Evaluator: CASE, COALESCE, GREATEST, LEAST and NULLIF. Included by evaluate.cpp alone.
#pragma once

#include "engine/expression/evaluator.h"

namespace slipstream {

template <class Number>
auto Evaluator<Number>::choice(const ExpressionNode& node, Motion& motion) -> V {
  switch (node.op) {
    case Op::coalesce:
      return coalesce(node, motion);
    case Op::nullif:
      return nullif(node, motion);
    case Op::greatest:
    case Op::least:
      return extreme(node, motion);
    default:
      return case_of(node, motion);
  }
}

template <class Number>
auto Evaluator<Number>::case_of(const ExpressionNode& node, Motion& motion) -> V {
  const bool simple = node.op == Op::case_simple;
  Operand wanted;
  if (simple) wanted.value = operand(node.args[0], wanted.motion);
  for (std::uint16_t i = simple ? 1 : 0; i + 1 < node.arg_count; i = static_cast<std::uint16_t>(i + 2)) {
    Truth chosen = Truth::no;
    if (simple) {
      Operand candidate;
      candidate.value = operand(node.args[i], candidate.motion);
      Timestamp until = Timestamp::max();
      chosen = compare_operands(wanted, candidate, outcomes_of(Comparison::equal), until);
      note(until);
    } else {
      chosen = truth(node.args[i]);
    }
    if (chosen == Truth::yes) return operand(node.args[i + 1], motion);
  }
  return operand(node.args[node.arg_count - 1], motion);
}

template <class Number>
auto Evaluator<Number>::coalesce(const ExpressionNode& node, Motion& motion) -> V {
  for (std::uint16_t i = 0; i < node.arg_count; ++i) {
    motion = {};
    V candidate = operand(node.args[i], motion);
    if (!candidate.is_null()) return candidate;
    note(motion.until);
  }
  motion = {};
  return V::null();
}

template <class Number>
auto Evaluator<Number>::extreme(const ExpressionNode& node, Motion& motion) -> V {
  constexpr Outcomes kSides = {true, false, false};
  const int wanted = node.op == Op::greatest ? 1 : -1;
  V best;
  for (std::uint16_t i = 0; i < node.arg_count; ++i) {
    Motion candidate_motion;
    V candidate = operand(node.args[i], candidate_motion);
    if (candidate.is_null()) {
      note(candidate_motion.until);
      continue;
    }
    const bool first = best.is_null();
    const Int128 ahead = first ? 0 : difference(candidate, best) * wanted;
    if (!first && !(motion.is_constant() && candidate_motion.is_constant())) {
      // Who leads can change where the difference does, seen from either side.
      const Motion relative = combined(candidate_motion, motion, -1);
      Motion oriented = relative;
      oriented.slope *= wanted;
      oriented.far_slope *= wanted;
      const Timestamp crossing = std::min(next_change(kSides, ahead, oriented, context_.now),
                                          next_change({false, false, true}, ahead, oriented, context_.now));
      note(crossing);
    }
    if (first || ahead > 0) {
      best = std::move(candidate);
      motion = candidate_motion;
    }
  }
  return best;
}

template <class Number>
auto Evaluator<Number>::nullif(const ExpressionNode& node, Motion& motion) -> V {
  Operand a, b;
  a.value = operand(node.args[0], a.motion);
  b.value = operand(node.args[1], b.motion);
  Timestamp until = Timestamp::max();
  const Truth same = compare_operands(a, b, outcomes_of(Comparison::equal), until);
  note(until);
  if (same == Truth::yes) return V::null();
  motion = a.motion;
  return std::move(a.value);
}

}  // namespace slipstream
