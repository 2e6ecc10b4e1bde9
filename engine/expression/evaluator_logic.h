// Evaluator: truth values. AND, OR and comparisons say themselves until when they hold. Included by
// evaluate.cpp alone.
#pragma once

#include "engine/expression/evaluator.h"
#include "engine/expression/text_functions.h"

namespace slipstream {

template <class Number>
Truth Evaluator<Number>::truth(const ExpressionNode& node) {
  switch (node.op) {
    case Op::logical_and:
      return logical(node, Truth::no);
    case Op::logical_or:
      return logical(node, Truth::yes);
    case Op::logical_not:
      return negated_if(truth(node.args[0]), true);
    case Op::compare:
      return compare(node);
    case Op::compare_clock:
      return compare_clock(node);
    case Op::between:
      return between(node);
    case Op::in_list:
      return in_list(node);
    case Op::is_null:
      return is_null(node);
    case Op::boolean_test:
      return boolean_test(node);
    case Op::distinct_from:
      return distinct_from(node);
    case Op::like:
      return like(node);
    default: {
      V scratch;
      return truth_of(reference(node, scratch));
    }
  }
}

template <class Number>
Truth Evaluator<Number>::logical(const ExpressionNode& node, Truth decisive) {
  Truth result = negated_if(decisive, true);
  for (std::uint16_t i = 0; i < node.free_arg_count; ++i) {
    const Truth operand_truth = truth(node.args[i]);
    if (operand_truth == decisive) return decisive;
    if (operand_truth == Truth::unknown) result = Truth::unknown;
  }
  if (node.free_arg_count == node.arg_count) return result;
  if (node.free_arg_count + 1 == node.arg_count) {
    const Truth last = truth(node.args[node.arg_count - 1]);
    return last == decisive || last == Truth::unknown ? last : result;
  }
  return clock_operands(node, decisive, result);
}

template <class Number>
Truth Evaluator<Number>::clock_operands(const ExpressionNode& node, Truth decisive, Truth result) {
  const Timestamp before = until_;
  TruthFold fold(decisive, result);
  for (std::uint16_t i = node.free_arg_count; i < node.arg_count && !fold.is_final(); ++i) {
    until_ = Timestamp::max();
    const Truth operand_truth = truth(node.args[i]);
    fold.add(operand_truth, until_);
  }
  until_ = std::min(before, fold.until());
  return fold.result();
}

template <class Number>
int Evaluator<Number>::order(const V& a, const V& b) {
  const auto sign_of = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  switch (a.type()) {
    case Type::null:
      return 0;
    case Type::boolean:
      return sign_of(a.as_boolean(), b.as_boolean());
    case Type::integer:
      return sign_of(a.as_integer(), b.as_integer());
    case Type::decimal:
      return Numbers<Number>::compare(a.as_decimal(), b.as_decimal());
    case Type::text:
      return a.as_text().compare(b.as_text());
    case Type::timestamp:
      return sign_of(a.as_timestamp(), b.as_timestamp());
    case Type::interval:
      return sign_of(comparable_us(a.as_interval()), comparable_us(b.as_interval()));
  }
  return 0;
}

// a - b in microseconds; of other types only the sign means anything.
template <class Number>
Int128 Evaluator<Number>::difference(const V& a, const V& b) {
  if (a.type() == Type::timestamp) return Int128{a.as_timestamp().us} - b.as_timestamp().us;
  if (a.type() == Type::interval) return comparable_us(a.as_interval()) - comparable_us(b.as_interval());
  return order(a, b);
}

template <class Number>
Truth Evaluator<Number>::compare(const ExpressionNode& node) {
  const ExpressionNode& left = node.args[0];
  const ExpressionNode& right = node.args[1];
  const Outcomes outcomes = outcomes_of(node.comparison);
  if (left.clock == ClockUse::none && right.clock == ClockUse::none) {
    V left_scratch, right_scratch;
    const V& a = reference(left, left_scratch);
    if (a.is_null()) return Truth::unknown;
    const V& b = reference(right, right_scratch);
    if (b.is_null()) return Truth::unknown;
    const int ordering = order(a, b);
    return outcomes[ordering < 0 ? 0 : ordering == 0 ? 1 : 2] ? Truth::yes : Truth::no;
  }
  Operand a, b;
  a.value = operand(left, a.motion);
  b.value = operand(right, b.motion);
  Timestamp until = Timestamp::max();
  const Truth result = compare_operands(a, b, outcomes, until);
  note(until);
  return result;
}

template <class Number>
Truth Evaluator<Number>::compare_operands(const Operand& a, const Operand& b, const Outcomes& outcomes,
                                          Timestamp& until) const {
  if (a.value.is_null() || b.value.is_null()) {
    // NULL stays the answer while either side is NULL.
    const Timestamp left = a.value.is_null() ? a.motion.until : Timestamp::min();
    const Timestamp right = b.value.is_null() ? b.motion.until : Timestamp::min();
    until = std::max(left, right);
    return Truth::unknown;
  }
  const Int128 apart = difference(a.value, b.value);
  until = a.motion.is_constant() && b.motion.is_constant()
              ? Timestamp::max()
              : next_change(outcomes, apart, combined(a.motion, b.motion, -1), context_.now);
  return outcomes[apart < 0 ? 0 : apart == 0 ? 1 : 2] ? Truth::yes : Truth::no;
}

template <class Number>
void Evaluator<Number>::compare_into(TruthFold& fold, const Operand& a, const Operand& b,
                                     Comparison comparison) const {
  Timestamp until = Timestamp::max();
  const Truth result = compare_operands(a, b, outcomes_of(comparison), until);
  fold.add(result, until);
}

// now() against a timestamp t: "now() < t" and "now() >= t" change at t, "now() <= t" and "now() > t" just
// after.
template <class Number>
Truth Evaluator<Number>::compare_clock(const ExpressionNode& node) {
  V scratch;
  const V& other = reference(node.args[0], scratch);
  if (other.is_null()) return Truth::unknown;
  const Timestamp t = other.as_timestamp();
  const bool changes_at_t =
      node.comparison == Comparison::less || node.comparison == Comparison::greater_equal;
  const Timestamp change = changes_at_t ? t : later(t, 1);
  const bool before = context_.now < change;
  if (before) note(change);
  const bool holds_before = node.comparison == Comparison::less || node.comparison == Comparison::less_equal;
  return before == holds_before ? Truth::yes : Truth::no;
}

template <class Number>
Truth Evaluator<Number>::between(const ExpressionNode& node) {
  Operand subject, low, high;
  subject.value = operand(node.args[0], subject.motion);
  low.value = operand(node.args[1], low.motion);
  high.value = operand(node.args[2], high.motion);
  TruthFold fold(Truth::no, Truth::yes);
  compare_into(fold, subject, low, Comparison::greater_equal);
  compare_into(fold, subject, high, Comparison::less_equal);
  note(fold.until());
  return negated_if(fold.result(), node.negated);
}

template <class Number>
Truth Evaluator<Number>::in_list(const ExpressionNode& node) {
  TruthFold fold(Truth::yes, Truth::no);
  Operand subject;
  subject.value = operand(node.args[0], subject.motion);
  for (std::uint16_t i = 1; i < node.arg_count && !fold.is_final(); ++i) {
    Operand item;
    item.value = operand(node.args[i], item.motion);
    compare_into(fold, subject, item, Comparison::equal);
  }
  note(fold.until());
  return negated_if(fold.result(), node.negated);
}

template <class Number>
Truth Evaluator<Number>::distinct_from(const ExpressionNode& node) {
  Operand a, b;
  a.value = operand(node.args[0], a.motion);
  b.value = operand(node.args[1], b.motion);
  bool distinct = a.value.is_null() != b.value.is_null();
  Timestamp until = std::min(a.motion.until, b.motion.until);
  if (!a.value.is_null() && !b.value.is_null())
    distinct = compare_operands(a, b, outcomes_of(Comparison::not_equal), until) == Truth::yes;
  note(until);
  return distinct != node.negated ? Truth::yes : Truth::no;
}

template <class Number>
Truth Evaluator<Number>::boolean_test(const ExpressionNode& node) {
  const bool same = truth(node.args[0]) == node.truth;
  return same != node.negated ? Truth::yes : Truth::no;
}

template <class Number>
Truth Evaluator<Number>::is_null(const ExpressionNode& node) {
  const ExpressionNode& argument = node.args[0];
  bool null = false;
  if (argument.clock == ClockUse::none) {
    V scratch;
    null = reference(argument, scratch).is_null();
  } else {
    Motion motion;
    null = operand(argument, motion).is_null();
    note(motion.until);
  }
  return null != node.negated ? Truth::yes : Truth::no;
}

template <class Number>
Truth Evaluator<Number>::like(const ExpressionNode& node) {
  V text_scratch, pattern_scratch;
  const V& text = reference(node.args[0], text_scratch);
  const V& pattern = reference(node.args[1], pattern_scratch);
  if (text.is_null() || pattern.is_null()) return Truth::unknown;
  if (!spend(text.as_text().size(), pattern.as_text().size())) {
    lost();
    return Truth::unknown;
  }
  const bool matches = matches_like(text.as_text(), pattern.as_text(), node.escape, node.any_case);
  return matches != node.negated ? Truth::yes : Truth::no;
}

}  // namespace slipstream
