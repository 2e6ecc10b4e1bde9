// Evaluation: dispatch by operation, columns and constants; the two instantiations of Evaluator.
#include <fmt/format.h>

#include "engine/expression/evaluator_arithmetic.h"
#include "engine/expression/evaluator_choice.h"
#include "engine/expression/evaluator_clock.h"
#include "engine/expression/evaluator_logic.h"
#include "engine/expression/evaluator_text.h"

namespace slipstream {

template <class Number>
auto Evaluator<Number>::value(const ExpressionNode& node) -> V {
  if (node.clock == ClockUse::none) return compute(node);
  Motion motion;
  V result = moving(node, motion);
  settle(motion);
  return result;
}

template <class Number>
auto Evaluator<Number>::compute(const ExpressionNode& node) -> V {
  switch (node.op) {
    case Op::constant:
    case Op::local_timestamp:
      return constant(node);
    case Op::column: {
      V scratch;
      return column(node, scratch);
    }
    case Op::clock:
      return V::timestamp(context_.now);
    case Op::logical_and:
    case Op::logical_or:
    case Op::logical_not:
    case Op::compare:
    case Op::compare_clock:
    case Op::between:
    case Op::in_list:
    case Op::is_null:
    case Op::boolean_test:
    case Op::distinct_from:
    case Op::like:
      return truth_value(truth(node));
    case Op::case_simple:
    case Op::case_searched:
    case Op::coalesce:
    case Op::nullif:
    case Op::greatest:
    case Op::least: {
      Motion motion;
      V result = choice(node, motion);
      settle(motion);
      return result;
    }
    case Op::negate:
    case Op::negate_interval:
      return negate(node);
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::modulo:
    case Op::add_interval:
    case Op::timestamp_difference:
    case Op::sum_of_intervals:
      return arithmetic(node);
    case Op::multiply_interval:
    case Op::divide_interval:
      return scale_interval(node);
    case Op::absolute:
    case Op::round:
    case Op::truncate:
    case Op::floor:
    case Op::ceiling:
    case Op::sign:
    case Op::power:
      return number_function(node);
    case Op::cast:
      return cast(node);
    case Op::date_trunc:
    case Op::extract: {
      V scratch;
      return calendar_field(node, reference(node.args[0], scratch));
    }
    default:
      return text_function(node);
  }
}

// The operand itself when it lies in the row or the plan; else its value, put into `scratch`.
template <class Number>
auto Evaluator<Number>::reference(const ExpressionNode& node, V& scratch) -> const V& {
  if (node.op == Op::column) return column(node, scratch);
  if constexpr (std::is_same_v<Number, Decimal>)
    if (node.op == Op::constant) return node.constant;
  scratch = value(node);
  return scratch;
}

template <class Number>
auto Evaluator<Number>::column(const ExpressionNode& node, V& scratch) -> const V& {
  SLIPSTREAM_INVARIANT(node.column < row_.size(), fmt::format("column {} of {}", node.column, row_.size()));
  const V& found = row_[node.column];
  if (found.type() == node.type || found.is_null()) [[likely]]
    return found;
  SLIPSTREAM_INVARIANT(
      node.type == Type::decimal && found.type() == Type::integer,
      fmt::format("column {} is {}, declared {}", node.column, name_of(found.type()), name_of(node.type)));
  scratch = V::decimal(Numbers<Number>::from_integer(found.as_integer()));
  return scratch;
}

template <class Number>
auto Evaluator<Number>::constant(const ExpressionNode& node) -> V {
  if (node.op == Op::local_timestamp) {
    const Zone as_written;
    return V::timestamp(context_.zone->to_timestamp(as_written.to_civil(node.constant.as_timestamp())));
  }
  if constexpr (std::is_same_v<Number, Decimal>)
    return node.constant;
  else
    return to_kpi_value(node.constant);
}

template class Evaluator<Decimal>;
template class Evaluator<Rational>;

namespace {

template <class Number>
BasicValue<Number> run(const Expression& expression, std::span<const BasicValue<Number>> row,
                       EvaluationContext& context) {
  SLIPSTREAM_INVARIANT(expression && context.zone != nullptr && context.arena != nullptr,
                       "an expression, a zone and an arena are required");
  Evaluator<Number> evaluator(row, context);
  auto result = evaluator.value(*expression.root());
  context.valid_until = std::min(context.valid_until, evaluator.until());
  return result;
}

}  // namespace

Value evaluate(const Expression& expression, std::span<const Value> row, EvaluationContext& context) {
  return run<Decimal>(expression, row, context);
}
KpiValue evaluate(const Expression& expression, std::span<const KpiValue> row, EvaluationContext& context) {
  return run<Rational>(expression, row, context);
}

}  // namespace slipstream
