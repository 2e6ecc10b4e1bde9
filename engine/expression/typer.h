// Gives names and types to Syntax: columns are found in the scope, literals become values, implicit
// conversions become casts. Goes on after an error, so that all of them are reported. Internal to the module.
//
// A function returning nullopt has reported why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression/expression.h"
#include "engine/expression/expression_node.h"
#include "engine/expression/functions.h"
#include "engine/expression/syntax.h"

namespace slipstream {

// A typed node while its siblings are still being made.
struct TypedNode {
  ExpressionNode node;
  std::vector<TypedNode> args;
  std::size_t position = 0;
  bool is_text_literal = false;  // takes another type where one is wanted, as in PostgreSQL
};

class Typer {
 public:
  Typer(const Scope& scope, std::vector<ExpressionError>& errors)
      : scope_(scope), errors_(errors), program_(std::make_shared<Program>()) {}

  std::optional<TypedNode> type(const Syntax& syntax);
  // Converts `typed` to `wanted` where that needs no explicit cast; false, without a report, when it does.
  // Reports a literal that does not read as the type.
  bool coerce(TypedNode& typed, Type wanted);
  // The clock may not show in the value itself, unless the scope says so.
  bool check_clock(const TypedNode& typed);
  bool refuse(std::size_t position, ErrorCode code, std::string message, std::string hint = {});
  Expression finish(TypedNode&& root, std::string_view text);

 private:
  using Typed = std::optional<TypedNode>;

  // typer.cpp
  Typed typed_literal(const Syntax& syntax);
  Typed typed_number(const Syntax& syntax);
  Typed typed_column(const Syntax& syntax);
  Typed typed_logic(const Syntax& syntax);
  Typed typed_case(const Syntax& syntax);
  Typed typed_choice(const Syntax& syntax);
  Typed typed_nullif(const Syntax& syntax);
  std::optional<std::vector<TypedNode>> type_all(const std::vector<Syntax>& syntaxes);
  bool want_boolean(TypedNode& typed, std::string_view where);
  std::optional<Type> unify(const std::vector<TypedNode*>& nodes, std::string_view where);
  Typed read_literal(const TypedNode& literal, Type wanted);
  bool replace_literal(TypedNode& literal, Type wanted);
  // A node whose arguments may not move with the clock, unless the scope says so.
  Typed settled(TypedNode&& typed);
  // A node whose value moves as its arguments from `first` on, every `step`-th, do.
  static void pass_clock_on(TypedNode& typed, std::size_t first, std::size_t step);
  TypedNode make(Op op, Type type, std::size_t position, std::vector<TypedNode> args = {}) const;
  TypedNode constant(Value value, std::size_t position) const;

  // type_operators.cpp
  Typed typed_comparison(const Syntax& syntax);
  Typed typed_between(const Syntax& syntax);
  Typed typed_in_list(const Syntax& syntax);
  Typed typed_like(const Syntax& syntax);
  Typed typed_negation(const Syntax& syntax);
  Typed typed_arithmetic(const Syntax& syntax);
  Typed typed_append(const Syntax& syntax, std::vector<TypedNode> args);
  Typed number_arithmetic(Op op, std::size_t position, std::vector<TypedNode> args);
  Typed calendar_arithmetic(char op, std::size_t position, std::vector<TypedNode> args);
  Typed interval_scaling(char op, std::size_t position, std::vector<TypedNode> args);
  void adapt_arithmetic_literals(char op, std::vector<TypedNode>& args);
  Typed refuse_operands(std::string_view op, std::size_t position, const std::vector<TypedNode>& args);

  // type_functions.cpp
  Typed typed_function(const Syntax& syntax);
  Typed typed_call(const FunctionRule& rule, const Syntax& syntax, std::vector<TypedNode> args);
  Typed typed_calendar_call(const Syntax& syntax);
  Typed typed_date_trunc(CalendarField field, std::size_t position, TypedNode argument);
  Typed typed_extract(CalendarField field, std::size_t position, TypedNode argument);
  Typed typed_mod(const Syntax& syntax);
  Typed typed_clock(const Syntax& syntax);
  Typed typed_cast(const Syntax& syntax);
  Typed cast_to(TypedNode&& typed, Type target, std::size_t position);
  Typed refuse_function(const Syntax& syntax);
  bool check_arguments(const FunctionRule& rule, std::vector<TypedNode>& args, std::size_t position);

  const Scope& scope_;
  std::vector<ExpressionError>& errors_;
  std::shared_ptr<Program> program_;
};

}  // namespace slipstream
