// Walks a plan over one row. Written once for Decimal (rows of entities) and Rational (KPI formulas); its
// members are defined in evaluator_*.h by theme and instantiated in evaluate.cpp. Internal to the module.
//
// Validity: until_ is the earliest instant at which what was evaluated so far may change. A node whose own
// value depends on the clock is evaluated by moving(), which says how it moves; value() settles it into
// until_.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "engine/expression/clock.h"
#include "engine/expression/expression.h"
#include "engine/expression/expression_node.h"
#include "engine/expression/numbers.h"
#include "engine/expression/text_functions.h"

namespace slipstream {

// AND or OR over operands that change with time: `decisive` is the truth value that settles the result alone.
class TruthFold {
 public:
  TruthFold(Truth decisive, Truth result) : decisive_(decisive), result_(result) {}
  void add(Truth truth, Timestamp until) {
    if (truth == decisive_) {
      decided_ = true;
      decided_until_ = std::max(decided_until_, until);
    } else {
      if (truth == Truth::unknown) result_ = Truth::unknown;
      open_until_ = std::min(open_until_, until);
    }
  }
  // Decided for good: no further operand can matter.
  bool is_final() const { return decided_ && decided_until_ == Timestamp::max(); }
  Truth result() const { return decided_ ? decisive_ : result_; }
  // A decided result stands while any decisive operand does; an open one while all operands do.
  Timestamp until() const { return decided_ ? decided_until_ : open_until_; }

 private:
  Truth decisive_;
  Truth result_;
  bool decided_ = false;
  Timestamp decided_until_ = Timestamp::min();
  Timestamp open_until_ = Timestamp::max();
};

template <class Number>
class Evaluator {
 public:
  using V = BasicValue<Number>;

  Evaluator(std::span<const V> row, EvaluationContext& context) : row_(row), context_(context) {}

  V value(const ExpressionNode& node);
  Timestamp until() const { return until_; }

 private:
  // A clock-dependent operand of a comparison.
  struct Operand {
    V value;
    Motion motion;
  };

  // evaluate.cpp
  V compute(const ExpressionNode& node);
  const V& reference(const ExpressionNode& node, V& scratch);
  const V& column(const ExpressionNode& node, V& scratch);
  V constant(const ExpressionNode& node);

  // evaluator_choice.h
  V case_of(const ExpressionNode& node, Motion& motion);
  V choice(const ExpressionNode& node, Motion& motion);
  V coalesce(const ExpressionNode& node, Motion& motion);
  V extreme(const ExpressionNode& node, Motion& motion);
  V nullif(const ExpressionNode& node, Motion& motion);

  // evaluator_clock.h
  V moving(const ExpressionNode& node, Motion& motion);
  V operand(const ExpressionNode& node, Motion& motion);
  V moving_binary(const ExpressionNode& node, Motion& motion);
  V moving_field(const ExpressionNode& node, Motion& motion);
  void note(Timestamp until) { until_ = std::min(until_, until); }
  void settle(const Motion& motion);

  // evaluator_logic.h
  Truth truth(const ExpressionNode& node);
  Truth logical(const ExpressionNode& node, Truth decisive);
  Truth clock_operands(const ExpressionNode& node, Truth decisive, Truth result);
  void compare_into(TruthFold& fold, const Operand& a, const Operand& b, Comparison comparison) const;
  Truth compare(const ExpressionNode& node);
  Truth compare_clock(const ExpressionNode& node);
  Truth compare_operands(const Operand& a, const Operand& b, const Outcomes& outcomes,
                         Timestamp& until) const;
  Truth between(const ExpressionNode& node);
  Truth in_list(const ExpressionNode& node);
  Truth distinct_from(const ExpressionNode& node);
  Truth boolean_test(const ExpressionNode& node);
  Truth is_null(const ExpressionNode& node);
  Truth like(const ExpressionNode& node);
  static int order(const V& a, const V& b);
  static Int128 difference(const V& a, const V& b);

  // evaluator_arithmetic.h
  V arithmetic(const ExpressionNode& node);
  V negate(const ExpressionNode& node);
  V integer_arithmetic(Op op, std::int64_t a, std::int64_t b);
  V number_arithmetic(Op op, const Number& a, const Number& b);
  V calendar_arithmetic(const ExpressionNode& node, const V& a, const V& b);
  V scale_interval(const ExpressionNode& node);
  V number_function(const ExpressionNode& node);
  V integer_function(const ExpressionNode& node, std::int64_t x, std::int64_t digits);
  V decimal_function(const ExpressionNode& node, const Number& x, std::int64_t digits);
  V calendar_field(const ExpressionNode& node, const V& argument);
  V from_optional(std::optional<Number> number);
  V lost() {
    context_.numeric_error = true;
    return V::null();
  }

  // evaluator_text.h
  V text_function(const ExpressionNode& node);
  V text_of_one(const ExpressionNode& node, std::string_view text);
  V text_of_many(const ExpressionNode& node);
  V join(const ExpressionNode& node);
  V cast(const ExpressionNode& node);
  V cast_text(std::string_view text, Type target);
  V cast_to_integer(const V& from);
  std::string text_from(const V& value) const;
  V keep(std::string text);
  // False when the evaluation has done all the work on texts that it may (kTextWorkMax).
  bool spend(std::size_t bytes, std::size_t times = 1) {
    text_work_ += bytes * times;
    return text_work_ <= kTextWorkMax;
  }

  static V truth_value(Truth truth) {
    return truth == Truth::unknown ? V::null() : V::boolean(truth == Truth::yes);
  }
  static Truth truth_of(const V& value) {
    return value.is_null() ? Truth::unknown : value.as_boolean() ? Truth::yes : Truth::no;
  }
  static Truth negated_if(Truth truth, bool negated) {
    return negated ? static_cast<Truth>(2 - static_cast<int>(truth)) : truth;
  }

  std::span<const V> row_;
  EvaluationContext& context_;
  Timestamp until_ = Timestamp::max();
  std::size_t text_work_ = 0;
};

}  // namespace slipstream
