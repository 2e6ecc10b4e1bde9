// Compiling expressions and measures: parse, type, check, finish.
#include <fmt/format.h>

#include <set>

#include "engine/expression/expression.h"
#include "engine/expression/syntax.h"
#include "engine/expression/typer.h"

namespace slipstream {

std::vector<std::uint16_t> Expression::columns_used() const {
  std::set<std::uint16_t> columns;
  std::vector<const ExpressionNode*> open;
  if (root_) open.push_back(root_.get());
  while (!open.empty()) {
    const ExpressionNode* node = open.back();
    open.pop_back();
    if (node->op == Op::column) columns.insert(node->column);
    for (std::uint16_t i = 0; i < node->arg_count; ++i)
      open.push_back(node->args + i);
  }
  return {columns.begin(), columns.end()};
}

bool Expression::uses_clock() const { return root_ && root_->uses_clock; }

std::optional<std::uint16_t> Expression::as_column() const {
  if (!root_ || root_->op != Op::column) return std::nullopt;
  return root_->column;
}

namespace {

std::optional<Expression> compile(std::string_view text, const Scope& scope, Type wanted,
                                  std::vector<ExpressionError>& errors) {
  const std::size_t errors_before = errors.size();
  const auto syntax = parse_syntax(text, errors);
  if (!syntax) return std::nullopt;
  Typer typer(scope, errors);
  auto root = typer.type(*syntax);
  if (!root) return std::nullopt;
  const bool integer_for_decimal = wanted == Type::decimal && root->node.type == Type::integer;
  if (!integer_for_decimal && !typer.coerce(*root, wanted) && errors.size() == errors_before)
    typer.refuse(root->position, ErrorCode::type_mismatch,
                 fmt::format("the expression is {}, not {}", name_of(root->node.type), name_of(wanted)));
  typer.check_clock(*root);
  if (errors.size() != errors_before) return std::nullopt;
  return typer.finish(std::move(*root), text);
}

}  // namespace

std::optional<Expression> compile_expression(std::string_view text, const Scope& scope, Type wanted,
                                             std::vector<ExpressionError>& errors) {
  const std::size_t errors_before = errors.size();
  auto expression = compile(text, scope, wanted, errors);
  put_on_one_line(errors, errors_before);
  return expression;
}

}  // namespace slipstream
