// Typing of comparisons and arithmetic.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/expression/typer.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

Type type_of(const TypedNode& typed) { return typed.node.type; }

Comparison comparison_of(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, Comparison>, 6> kComparisons = {
      {{"=", Comparison::equal},
       {"<>", Comparison::not_equal},
       {"<", Comparison::less},
       {"<=", Comparison::less_equal},
       {">", Comparison::greater},
       {">=", Comparison::greater_equal}}};
  for (const auto& [text, comparison] : kComparisons)
    if (text == op) return comparison;
  return Comparison::equal;
}

// The comparison with its sides exchanged.
Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::less:
      return Comparison::greater;
    case Comparison::less_equal:
      return Comparison::greater_equal;
    case Comparison::greater:
      return Comparison::less;
    case Comparison::greater_equal:
      return Comparison::less_equal;
    default:
      return comparison;
  }
}

// now() against a value that does not depend on the clock.
bool is_clock_against_free(const TypedNode& clock, const TypedNode& other) {
  return clock.node.op == Op::clock && !other.node.uses_clock && type_of(other) == Type::timestamp;
}

}  // namespace

Typer::Typed Typer::typed_comparison(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  const bool distinct = syntax.kind == SyntaxKind::distinct_from;
  if (!args || !unify({args->data(), args->data() + 1}, distinct ? "IS DISTINCT FROM" : syntax.text))
    return std::nullopt;
  Comparison comparison = comparison_of(syntax.text);
  Op op = distinct ? Op::distinct_from : Op::compare;
  const bool ordering = comparison != Comparison::equal && comparison != Comparison::not_equal;
  if (op == Op::compare && ordering && is_clock_against_free((*args)[1], (*args)[0])) {
    std::swap((*args)[0], (*args)[1]);
    comparison = mirrored(comparison);
  }
  if (op == Op::compare && ordering && is_clock_against_free((*args)[0], (*args)[1])) {
    args->erase(args->begin());
    op = Op::compare_clock;
  }
  TypedNode typed = make(op, Type::boolean, syntax.position, std::move(*args));
  typed.node.uses_clock |= op == Op::compare_clock;
  typed.node.comparison = comparison;
  typed.node.negated = syntax.negated;
  return typed;
}

Typer::Typed Typer::typed_between(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  if (args->size() != 3 || !unify({args->data(), args->data() + 1, args->data() + 2}, "BETWEEN"))
    return std::nullopt;
  TypedNode typed = make(Op::between, Type::boolean, syntax.position, std::move(*args));
  typed.node.negated = syntax.negated;
  return typed;
}

Typer::Typed Typer::typed_in_list(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  std::vector<TypedNode*> nodes;
  for (TypedNode& arg : *args)
    nodes.push_back(&arg);
  if (!unify(nodes, "IN")) return std::nullopt;
  TypedNode typed = make(Op::in_list, Type::boolean, syntax.position, std::move(*args));
  typed.node.negated = syntax.negated;
  return typed;
}

Typer::Typed Typer::typed_like(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  bool good = true;
  for (TypedNode& arg : *args)
    if (!coerce(arg, Type::text))
      good = refuse(arg.position, ErrorCode::type_mismatch,
                    fmt::format("LIKE takes text, not {}", name_of(type_of(arg))), "write x::text");
  if (!good) return std::nullopt;
  char32_t escape = U'\\';
  if (args->size() == 3) {
    const TypedNode& written = args->back();
    std::string_view text =
        written.is_text_literal ? written.node.constant.as_text() : std::string_view("two");
    if (count_code_points(text) > 1) {
      refuse(written.position, ErrorCode::invalid_value, "ESCAPE takes one character in quotes, or none");
      return std::nullopt;
    }
    escape = text.empty() ? U'\0' : take_code_point(text);
    args->pop_back();
  }
  TypedNode typed = make(Op::like, Type::boolean, syntax.position, std::move(*args));
  typed.node.escape = escape;
  typed.node.negated = syntax.negated;
  typed.node.any_case = syntax.text == "ilike";
  return settled(std::move(typed));
}

Typer::Typed Typer::typed_negation(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  TypedNode& arg = args->front();
  if (arg.is_text_literal && !replace_literal(arg, Type::decimal)) return std::nullopt;
  const Type type = type_of(arg);
  if (!is_number(type) && type != Type::interval && type != Type::null)
    return refuse_operands(syntax.text, syntax.position, *args);
  if (syntax.text == "+") return std::move(arg);
  if (type != Type::interval) return settled(make(Op::negate, type, syntax.position, std::move(*args)));
  TypedNode typed = make(Op::negate_interval, type, syntax.position, std::move(*args));
  pass_clock_on(typed, 0, 1);
  return typed;
}

Typer::Typed Typer::refuse_operands(std::string_view op, std::size_t position,
                                    const std::vector<TypedNode>& args) {
  const auto has = [&](Type type) {
    return std::any_of(args.begin(), args.end(), [&](const TypedNode& arg) { return type_of(arg) == type; });
  };
  const bool number = has(Type::integer) || has(Type::decimal);
  std::string hint;
  if (has(Type::timestamp) && number)
    hint = "write an interval: due_at + interval '3 days'";
  else if (has(Type::interval) && number)
    hint = "write extract(epoch from x) for seconds as a number";
  else if (op == "+" && has(Type::text))
    hint = "text is joined by ||";
  std::string types(name_of(type_of(args.front())));
  if (args.size() > 1)
    types = fmt::format("{} {} {}", types, op, name_of(type_of(args[1])));
  else
    types = fmt::format("{} {}", op, types);
  refuse(position, ErrorCode::type_mismatch, fmt::format("there is no operator {}", types), std::move(hint));
  return std::nullopt;
}

// A quoted operand takes the type that fits its neighbour.
void Typer::adapt_arithmetic_literals(char op, std::vector<TypedNode>& args) {
  for (std::size_t i = 0; i < 2; ++i) {
    TypedNode& literal = args[i];
    const TypedNode& other = args[1 - i];
    if (!literal.is_text_literal || other.is_text_literal) continue;
    Type wanted = type_of(other);
    if (wanted == Type::timestamp) {
      const bool reads_as_interval = parse_interval(literal.node.constant.as_text()).has_value();
      wanted = op == '+' || reads_as_interval ? Type::interval : Type::timestamp;
    } else if (wanted == Type::interval && (op == '*' || op == '/')) {
      wanted = Type::decimal;
    } else if (!is_number(wanted) && wanted != Type::interval) {
      continue;
    }
    if (auto typed = read_literal(literal, wanted)) literal = std::move(*typed);
  }
}

Typer::Typed Typer::typed_arithmetic(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args || args->size() != 2) return std::nullopt;
  if (syntax.text == "||") return typed_append(syntax, std::move(*args));
  const char op = syntax.text.front();
  adapt_arithmetic_literals(op, *args);
  const Type left = type_of((*args)[0]);
  const Type right = type_of((*args)[1]);
  const auto number_or_null = [](Type type) { return is_number(type) || type == Type::null; };
  if (number_or_null(left) && number_or_null(right)) {
    static constexpr std::string_view kOperators = "+-*/%";
    static constexpr std::array<Op, 5> kOps = {Op::add, Op::subtract, Op::multiply, Op::divide, Op::modulo};
    return number_arithmetic(kOps[kOperators.find(op)], syntax.position, std::move(*args));
  }
  if (op == '+' || op == '-') return calendar_arithmetic(op, syntax.position, std::move(*args));
  if (op == '*' || op == '/') return interval_scaling(op, syntax.position, std::move(*args));
  return refuse_operands(syntax.text, syntax.position, *args);
}

Typer::Typed Typer::number_arithmetic(Op op, std::size_t position, std::vector<TypedNode> args) {
  const auto type = unify({args.data(), args.data() + 1}, "arithmetic");
  if (!type) return std::nullopt;
  return settled(make(op, *type, position, std::move(args)));
}

Typer::Typed Typer::calendar_arithmetic(char op, std::size_t position, std::vector<TypedNode> args) {
  Type left = type_of(args[0]);
  Type right = type_of(args[1]);
  if (op == '+' && (left == Type::interval || left == Type::null) && right == Type::timestamp) {
    std::swap(args[0], args[1]);
    std::swap(left, right);
  }
  const bool interval_right = right == Type::interval || right == Type::null;
  Op node_op = Op::add_interval;
  Type type = Type::timestamp;
  if (left == Type::timestamp && (right == Type::interval || (op == '+' && right == Type::null))) {
    node_op = Op::add_interval;
  } else if (op == '-' && (left == Type::timestamp || left == Type::null) &&
             (right == Type::timestamp || right == Type::null)) {
    node_op = Op::timestamp_difference;
    type = Type::interval;
  } else if ((left == Type::interval && interval_right) || (left == Type::null && right == Type::interval)) {
    node_op = Op::sum_of_intervals;
    type = Type::interval;
  } else {
    return refuse_operands(std::string_view(&op, 1), position, args);
  }
  TypedNode typed = make(node_op, type, position, std::move(args));
  typed.node.sign = op == '-' ? -1 : 1;
  pass_clock_on(typed, 0, 1);
  return typed;
}

Typer::Typed Typer::interval_scaling(char op, std::size_t position, std::vector<TypedNode> args) {
  if (op == '*' && type_of(args[1]) == Type::interval) std::swap(args[0], args[1]);
  const Type factor = type_of(args[1]);
  if (type_of(args[0]) != Type::interval || !(is_number(factor) || factor == Type::null))
    return refuse_operands(std::string_view(&op, 1), position, args);
  const Op node_op = op == '*' ? Op::multiply_interval : Op::divide_interval;
  return settled(make(node_op, Type::interval, position, std::move(args)));
}

Typer::Typed Typer::typed_append(const Syntax& syntax, std::vector<TypedNode> args) {
  const auto fits = [](const TypedNode& arg) {
    return type_of(arg) == Type::text || type_of(arg) == Type::null;
  };
  if (!fits(args[0]) && !fits(args[1])) {
    refuse(syntax.position, ErrorCode::type_mismatch,
           fmt::format("|| joins text, not {} and {}", name_of(type_of(args[0])), name_of(type_of(args[1]))),
           "write x::text || y");
    return std::nullopt;
  }
  return settled(make(Op::append, Type::text, syntax.position, std::move(args)));
}

}  // namespace slipstream
