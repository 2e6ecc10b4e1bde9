// Typing of literals, columns, logic and choices; the finished plan.
#include "engine/expression/typer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/expression/casts.h"

namespace slipstream {
namespace {

constexpr std::string_view kClockHint =
    "compare it, as in due_at < now() or now() - assigned_at > interval '30 days'";

std::size_t count_nodes(const TypedNode& typed) {
  std::size_t count = 1;
  for (const TypedNode& arg : typed.args)
    count += count_nodes(arg);
  return count;
}

// Breadth first, so that siblings lie beside each other.
void flatten(TypedNode& root, std::vector<ExpressionNode>& nodes) {
  std::vector<TypedNode*> queue = {&root};
  nodes.reserve(count_nodes(root));
  nodes.push_back(root.node);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    TypedNode& typed = *queue[i];
    nodes[i].args = nodes.data() + nodes.size();
    for (TypedNode& arg : typed.args) {
      nodes.push_back(arg.node);
      queue.push_back(&arg);
    }
  }
}

}  // namespace

bool Typer::refuse(std::size_t position, ErrorCode code, std::string message, std::string hint) {
  errors_.push_back({code, position, std::move(message), std::move(hint)});
  return false;
}

TypedNode Typer::make(Op op, Type type, std::size_t position, std::vector<TypedNode> args) const {
  TypedNode typed;
  typed.node.op = op;
  typed.node.type = type;
  typed.node.arg_count = static_cast<std::uint16_t>(args.size());
  for (const TypedNode& arg : args)
    typed.node.uses_clock |= arg.node.uses_clock;
  typed.position = position;
  typed.args = std::move(args);
  return typed;
}

TypedNode Typer::constant(Value value, std::size_t position) const {
  TypedNode typed = make(Op::constant, value.type(), position);
  typed.node.constant = value;
  return typed;
}

Typer::Typed Typer::type(const Syntax& syntax) {
  switch (syntax.kind) {
    case SyntaxKind::null:
    case SyntaxKind::boolean:
    case SyntaxKind::integer:
    case SyntaxKind::decimal:
    case SyntaxKind::text:
      return typed_literal(syntax);
    case SyntaxKind::column:
      return typed_column(syntax);
    case SyntaxKind::function:
      return typed_function(syntax);
    case SyntaxKind::cast:
      return typed_cast(syntax);
    case SyntaxKind::negation:
      return typed_negation(syntax);
    case SyntaxKind::arithmetic:
      return typed_arithmetic(syntax);
    case SyntaxKind::comparison:
    case SyntaxKind::distinct_from:
      return typed_comparison(syntax);
    case SyntaxKind::between:
      return typed_between(syntax);
    case SyntaxKind::in_list:
      return typed_in_list(syntax);
    case SyntaxKind::like:
      return typed_like(syntax);
    case SyntaxKind::logical_and:
    case SyntaxKind::logical_or:
    case SyntaxKind::logical_not:
    case SyntaxKind::is_null:
    case SyntaxKind::boolean_test:
      return typed_logic(syntax);
    case SyntaxKind::case_simple:
    case SyntaxKind::case_searched:
      return typed_case(syntax);
    case SyntaxKind::nullif:
      return typed_nullif(syntax);
    case SyntaxKind::coalesce:
    case SyntaxKind::greatest:
    case SyntaxKind::least:
      return typed_choice(syntax);
  }
  return std::nullopt;
}

std::optional<std::vector<TypedNode>> Typer::type_all(const std::vector<Syntax>& syntaxes) {
  std::vector<TypedNode> nodes;
  bool good = true;
  for (const Syntax& syntax : syntaxes) {
    auto typed = type(syntax);
    good = good && typed;
    if (typed) nodes.push_back(std::move(*typed));
  }
  if (!good) return std::nullopt;
  return nodes;
}

Typer::Typed Typer::typed_literal(const Syntax& syntax) {
  if (syntax.kind == SyntaxKind::null) return constant(Value::null(), syntax.position);
  if (syntax.kind == SyntaxKind::boolean)
    return constant(Value::boolean(syntax.text == "true"), syntax.position);
  if (syntax.kind != SyntaxKind::text) return typed_number(syntax);
  TypedNode typed = constant(Value::text(program_->texts.emplace_back(syntax.text)), syntax.position);
  typed.is_text_literal = true;
  return typed;
}

Typer::Typed Typer::typed_number(const Syntax& syntax) {
  const auto number = Decimal::parse(syntax.text);
  if (!number) {
    refuse(syntax.position, ErrorCode::invalid_value,
           fmt::format("the number {} has more than {} digits or {} decimals", syntax.text.substr(0, 64),
                       Decimal::kPrecisionMax, Decimal::kScaleMax));
    return std::nullopt;
  }
  const auto integer = number->to_integer();
  if (syntax.kind == SyntaxKind::integer && integer)
    return constant(Value::integer(*integer), syntax.position);
  return constant(Value::decimal(*number), syntax.position);
}

Typer::Typed Typer::typed_column(const Syntax& syntax) {
  const auto& columns = scope_.columns;
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == syntax.text; });
  if (found == columns.end()) {
    std::vector<std::string_view> names;
    for (const Column& column : columns)
      names.push_back(column.name);
    std::string hint = suggest_name(syntax.text, names);
    if (hint.empty()) hint = "text is written in single quotes: 'open'";
    refuse(syntax.position, ErrorCode::unknown_name, fmt::format("there is no column '{}'", syntax.text),
           std::move(hint));
    return std::nullopt;
  }
  TypedNode typed = make(Op::column, found->type, syntax.position);
  typed.node.column = static_cast<std::uint16_t>(found - columns.begin());
  return typed;
}

bool Typer::want_boolean(TypedNode& typed, std::string_view where) {
  if (coerce(typed, Type::boolean)) return true;
  return refuse(typed.position, ErrorCode::type_mismatch,
                fmt::format("{} takes boolean, not {}", where, name_of(typed.node.type)),
                "compare it with something");
}

Typer::Typed Typer::typed_logic(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  static constexpr std::pair<SyntaxKind, std::pair<Op, std::string_view>> kRules[] = {
      {SyntaxKind::logical_and, {Op::logical_and, "AND"}},
      {SyntaxKind::logical_or, {Op::logical_or, "OR"}},
      {SyntaxKind::logical_not, {Op::logical_not, "NOT"}},
      {SyntaxKind::boolean_test, {Op::boolean_test, "IS TRUE, FALSE or UNKNOWN"}},
  };
  Op op = Op::is_null;
  for (const auto& [kind, rule] : kRules) {
    if (kind != syntax.kind) continue;
    op = rule.first;
    bool good = true;
    for (TypedNode& arg : *args)
      good = want_boolean(arg, rule.second) && good;
    if (!good) return std::nullopt;
  }
  // The order of operands shows in no result; those without the clock first can decide before a timer is
  // needed.
  std::vector<TypedNode> ordered;
  std::size_t free_args = 0;
  for (const bool with_clock : {false, true}) {
    for (TypedNode& arg : *args)
      if (arg.node.uses_clock == with_clock) ordered.push_back(std::move(arg));
    if (!with_clock) free_args = ordered.size();
  }
  TypedNode typed = make(op, Type::boolean, syntax.position, std::move(ordered));
  typed.node.free_arg_count = static_cast<std::uint16_t>(free_args);
  typed.node.negated = syntax.negated;
  typed.node.truth = syntax.text == "true" ? Truth::yes : syntax.text == "false" ? Truth::no : Truth::unknown;
  return typed;
}

std::optional<Type> Typer::unify(const std::vector<TypedNode*>& nodes, std::string_view where) {
  Type common = Type::null;
  for (const TypedNode* node : nodes) {
    const Type type = node->node.type;
    if (type == Type::null || node->is_text_literal) continue;
    if (common == Type::null || (common == Type::integer && type == Type::decimal)) common = type;
  }
  const bool literals_only = common == Type::null;
  if (literals_only)
    for (const TypedNode* node : nodes)
      if (node->is_text_literal) common = Type::text;
  for (TypedNode* node : nodes) {
    const std::size_t errors_before = errors_.size();
    if (coerce(*node, common)) continue;
    if (errors_.size() == errors_before)
      refuse(node->position, ErrorCode::type_mismatch,
             fmt::format("{} mixes {} and {}", where, name_of(common), name_of(node->node.type)),
             is_number(node->node.type) && common == Type::interval ? "write interval '30 days'"
                                                                    : "cast one of them");
    return std::nullopt;
  }
  return common;
}

Typer::Typed Typer::typed_case(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  const bool simple = syntax.kind == SyntaxKind::case_simple;
  const std::size_t first_result = simple ? 2 : 1;
  std::vector<TypedNode*> values, results;
  if (simple) values.push_back(args->data());
  for (std::size_t i = first_result - 1; i + 1 < args->size(); i += 2) {
    values.push_back(&(*args)[i]);
    results.push_back(&(*args)[i + 1]);
  }
  results.push_back(&args->back());
  bool good = true;
  if (simple) {
    good = unify(values, "CASE").has_value();
  } else {
    for (TypedNode* value : values)
      good = want_boolean(*value, "WHEN") && good;
  }
  const auto type = unify(results, "CASE");
  if (!good || !type) return std::nullopt;
  TypedNode typed =
      make(simple ? Op::case_simple : Op::case_searched, *type, syntax.position, std::move(*args));
  pass_clock_on(typed, first_result, 2);
  typed.node.clock = std::max(typed.node.clock, typed.args.back().node.clock);
  return typed;
}

void Typer::pass_clock_on(TypedNode& typed, std::size_t first, std::size_t step) {
  for (std::size_t i = first; i < typed.args.size(); i += step)
    typed.node.clock = std::max(typed.node.clock, typed.args[i].node.clock);
}

Typer::Typed Typer::typed_choice(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  std::vector<TypedNode*> nodes;
  for (TypedNode& arg : *args)
    nodes.push_back(&arg);
  const bool any = syntax.kind == SyntaxKind::coalesce;
  const Op op = any ? Op::coalesce : syntax.kind == SyntaxKind::greatest ? Op::greatest : Op::least;
  const auto type = unify(nodes, any ? "COALESCE" : op == Op::greatest ? "GREATEST" : "LEAST");
  if (!type) return std::nullopt;
  TypedNode typed = make(op, *type, syntax.position, std::move(*args));
  pass_clock_on(typed, 0, 1);
  return typed;
}

Typer::Typed Typer::typed_nullif(const Syntax& syntax) {
  auto args = type_all(syntax.args);
  if (!args) return std::nullopt;
  const auto type = unify({args->data(), args->data() + 1}, "NULLIF");
  if (!type) return std::nullopt;
  TypedNode typed = make(Op::nullif, *type, syntax.position, std::move(*args));
  typed.node.clock = typed.args.front().node.clock;
  return typed;
}

Typer::Typed Typer::settled(TypedNode&& typed) {
  pass_clock_on(typed, 0, 1);
  bool good = true;
  for (const TypedNode& arg : typed.args)
    if (arg.node.clock == ClockUse::moving) good = check_clock(arg) && good;
  if (!good) return std::nullopt;
  if (typed.node.type == Type::boolean) typed.node.clock = ClockUse::none;
  return std::move(typed);
}

bool Typer::check_clock(const TypedNode& typed) {
  if (scope_.clock_as_value || typed.node.clock == ClockUse::none) return true;
  return refuse(typed.position, ErrorCode::type_mismatch, "the clock's value may only be compared here",
                std::string(kClockHint));
}

Typer::Typed Typer::read_literal(const TypedNode& literal, Type wanted) {
  const std::string_view text = literal.node.constant.as_text();
  const std::size_t at = literal.position;
  if (wanted == Type::timestamp) {
    if (const auto instant = parse_timestamp(text)) return constant(Value::timestamp(*instant), at);
    const Zone as_written;  // UTC: microseconds of local time, for whichever zone evaluates
    if (const auto local = parse_timestamp(text, &as_written)) {
      TypedNode typed = constant(Value::timestamp(*local), at);
      typed.node.op = Op::local_timestamp;
      return typed;
    }
    return std::nullopt;
  }
  if (wanted == Type::interval) {
    if (const auto interval = parse_interval(text)) return constant(Value::interval(*interval), at);
    return std::nullopt;
  }
  const auto value = text_to_value(text, wanted);
  return value ? Typed(constant(*value, at)) : std::nullopt;
}

bool Typer::replace_literal(TypedNode& literal, Type wanted) {
  if (auto typed = read_literal(literal, wanted)) {
    literal = std::move(*typed);
    return true;
  }
  static constexpr std::string_view kForms[] = {"",
                                                "true or false",
                                                "12",
                                                "12.5",
                                                "",
                                                "2025-01-31 or 2025-01-31T08:00:00+07:00",
                                                "3 days, 1 month or 01:30:00"};
  return refuse(
      literal.position, ErrorCode::invalid_value,
      fmt::format("'{}' does not read as {}", literal.node.constant.as_text().substr(0, 64), name_of(wanted)),
      fmt::format("write it like {}", kForms[static_cast<std::size_t>(wanted)]));
}

bool Typer::coerce(TypedNode& typed, Type wanted) {
  const Type type = typed.node.type;
  if (wanted == Type::null || type == Type::null || type == wanted) return true;
  if (typed.is_text_literal) return replace_literal(typed, wanted);
  if (type != Type::integer || wanted != Type::decimal) return false;
  if (typed.node.op == Op::constant && typed.node.constant.is_null()) {
    typed.node.type = wanted;  // null::integer
    return true;
  }
  if (typed.node.op == Op::constant) {
    typed = constant(Value::decimal(Decimal(typed.node.constant.as_integer())), typed.position);
    return true;
  }
  const std::size_t position = typed.position;
  const ClockUse clock = typed.node.clock;
  std::vector<TypedNode> args;
  args.push_back(std::move(typed));
  typed = make(Op::cast, wanted, position, std::move(args));
  typed.node.clock = clock;
  return true;
}

Expression Typer::finish(TypedNode&& root, std::string_view text) {
  flatten(root, program_->nodes);
  const ExpressionNode* first = program_->nodes.data();
  return {std::string(text), first->type, std::shared_ptr<const ExpressionNode>(program_, first)};
}

}  // namespace slipstream
