// Typed expressions in PostgreSQL's language: parsed by libpg_query, typed against a Scope, evaluated by our
// own plan with SQL's three-valued logic.
//
// The clock: now() is given by the caller. Evaluation reports how long its result stays valid: the earliest
// instant after `now` at which a comparison with now() it evaluated would change. That instant is a timer
// (guarantee G5).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/value.h"

namespace slipstream {

struct Column {
  std::string name;
  Type type = Type::null;
};

// The names an expression may use; the index of a column is its place in the row.
struct Scope {
  std::vector<Column> columns;
  // May now() appear as a value ("now() - avg(assigned_at)")? In measures it may only be compared, since a
  // sum that changes by itself every microsecond cannot be kept.
  bool clock_as_value = false;
};

// An error inside an expression's text, with its place, for `validate` to turn into file, line and column.
struct ExpressionError {
  ErrorCode code = ErrorCode::syntax;
  std::size_t position = 0;  // bytes from the start of the text
  std::string message;
  std::string hint;  // may be empty; "did you mean due_at?"
};

struct ExpressionNode;  // expression_node.h

class Expression {
 public:
  Expression() = default;
  Expression(std::string text, Type type, std::shared_ptr<const ExpressionNode> root)
      : text_(std::move(text)), type_(type), root_(std::move(root)) {}
  const std::string& text() const { return text_; }
  Type type() const { return type_; }  // null: the expression is the literal NULL
  const ExpressionNode* root() const { return root_.get(); }
  explicit operator bool() const { return root_ != nullptr; }
  std::vector<std::uint16_t> columns_used() const;  // ascending, without repeats
  bool uses_clock() const;
  // The column when the expression is nothing but a column: the hot path's shortcut.
  std::optional<std::uint16_t> as_column() const;

 private:
  std::string text_;
  Type type_ = Type::null;
  std::shared_ptr<const ExpressionNode> root_;
};

// Compiles `text`; on failure appends every error found and returns nullopt. `wanted`: a type the result must
// have (integer is accepted for decimal, NULL for any), or Type::null for any.
std::optional<Expression> compile_expression(std::string_view text, const Scope& scope, Type wanted,
                                             std::vector<ExpressionError>& errors);

enum class Aggregate : std::uint8_t { count, sum, avg, min, max, first, last, distinct, percentile, ratio };
std::string_view name_of(Aggregate aggregate);

// One aggregate call: count(*), count(x), sum(x), avg(x), min(x), max(x), first(x), last(x) (by the view's
// window column), count(distinct x), percentile_cont(0.95) within group (order by x), ratio(numerator,
// denominator); each with `filter (where ...)`.
struct MeasureExpression {
  std::string text;
  Aggregate aggregate = Aggregate::count;
  Expression argument;     // empty for count(*)
  Expression denominator;  // ratio only
  Expression filter;       // empty: every row
  Decimal fraction;        // percentile only, 0 to 1
  // Type of the finished value: integer for count and distinct, decimal for sum, avg and ratio of numbers,
  // interval for sum and avg of intervals, timestamp for avg of timestamps, the argument's type for min, max,
  // first, last.
  Type type = Type::null;
};
std::optional<MeasureExpression> compile_measure(std::string_view text, const Scope& scope,
                                                 std::vector<ExpressionError>& errors);

struct EvaluationContext {
  Timestamp now;
  const Zone* zone = nullptr;  // for calendar functions and interval arithmetic; required
  Arena* arena = nullptr;      // owns text results; required
  // Out, the minimum over calls: the result stays what it is until this instant, at which it may change.
  // Exact for comparisons of now() plus or minus fixed intervals; otherwise it may come early, never late. A
  // value that moves with the clock (Scope::clock_as_value) stands for one microsecond.
  Timestamp valid_until = Timestamp::max();
  bool numeric_error = false;  // out: an overflow, a division by zero or a failed cast made a NULL of a value
};

// Row-level. `row` is indexed by Scope::columns; its values have the columns' types, or integer for decimal.
Value evaluate(const Expression& expression, std::span<const Value> row, EvaluationContext& context);
// KPI-level: exact rationals.
KpiValue evaluate(const Expression& expression, std::span<const KpiValue> row, EvaluationContext& context);

}  // namespace slipstream
