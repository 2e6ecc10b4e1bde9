// Compiling measures: one aggregate call each.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/expression/expression.h"
#include "engine/expression/syntax.h"
#include "engine/expression/typer.h"

namespace slipstream {
namespace {

struct AggregateRule {
  std::string_view name;
  Aggregate aggregate;
  std::size_t args = 1;
};
constexpr std::array<AggregateRule, 9> kRules = {{{"count", Aggregate::count},
                                                  {"sum", Aggregate::sum},
                                                  {"avg", Aggregate::avg},
                                                  {"min", Aggregate::min},
                                                  {"max", Aggregate::max},
                                                  {"first", Aggregate::first},
                                                  {"last", Aggregate::last},
                                                  {"percentile_cont", Aggregate::percentile},
                                                  {"ratio", Aggregate::ratio, 2}}};

// The type of the finished value, or Type::null when the aggregate does not take the argument's type.
Type result_type(Aggregate aggregate, Type argument) {
  const bool number = is_number(argument);
  switch (aggregate) {
    case Aggregate::count:
    case Aggregate::distinct:
      return Type::integer;
    case Aggregate::sum:
      return number ? Type::decimal : argument == Type::interval ? argument : Type::null;
    case Aggregate::avg:
      return number                                                      ? Type::decimal
             : argument == Type::interval || argument == Type::timestamp ? argument
                                                                         : Type::null;
    case Aggregate::percentile:
      return number                                                      ? Type::decimal
             : argument == Type::interval || argument == Type::timestamp ? argument
                                                                         : Type::null;
    case Aggregate::ratio:
      return number ? Type::decimal : Type::null;
    default:
      return argument;
  }
}

std::string_view accepted_types(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::sum:
      return "numbers or intervals";
    case Aggregate::ratio:
      return "numbers";
    default:
      return "numbers, intervals or timestamps";
  }
}

class MeasureCompiler {
 public:
  MeasureCompiler(std::string_view text, const Scope& scope, std::vector<ExpressionError>& errors)
      : text_(text), scope_(scope), errors_(errors) {}

  std::optional<MeasureExpression> compile() {
    const std::size_t errors_before = errors_.size();
    const auto call = parse_syntax(text_, errors_);
    if (!call) return std::nullopt;
    const AggregateRule* rule = rule_of(*call);
    if (rule == nullptr) return std::nullopt;
    measure_.text = text_;
    measure_.aggregate = rule->aggregate;
    const CallModifiers none;
    const CallModifiers& modifiers = call->call ? *call->call : none;
    if (check_form(*rule, *call, modifiers)) arguments(*call, modifiers);
    if (!modifiers.filter.empty()) measure_.filter = filter(modifiers.filter.front());
    if (errors_.size() != errors_before) return std::nullopt;
    return std::move(measure_);
  }

 private:
  bool refuse(std::size_t position, ErrorCode code, std::string message, std::string hint = {}) {
    errors_.push_back({code, position, std::move(message), std::move(hint)});
    return false;
  }

  const AggregateRule* rule_of(const Syntax& call) {
    constexpr std::string_view kForm =
        "write count(*), sum(x), avg(x) filter (where ...); arithmetic over measures is a KPI";
    for (const AggregateRule& rule : kRules)
      if (call.kind == SyntaxKind::function && call.text == rule.name) return &rule;
    if (call.kind == SyntaxKind::function && is_aggregate_name(call.text)) {
      refuse(call.position, ErrorCode::not_supported,
             fmt::format("the aggregate {} is not available", call.text),
             "count, sum, avg, min, max, first, last, percentile_cont, ratio");
    } else if (call.kind == SyntaxKind::function && find_function(call.text) == nullptr) {
      std::vector<std::string_view> names;
      for (const AggregateRule& rule : kRules)
        names.push_back(rule.name);
      refuse(call.position, ErrorCode::unknown_name, fmt::format("there is no aggregate '{}'", call.text),
             suggest_name(call.text, names));
    } else {
      refuse(call.position, ErrorCode::type_mismatch, "a measure is one aggregate call", std::string(kForm));
    }
    return nullptr;
  }

  bool check_form(const AggregateRule& rule, const Syntax& call, const CallModifiers& modifiers) {
    const bool percentile = rule.aggregate == Aggregate::percentile;
    if (modifiers.star) {
      if (rule.aggregate == Aggregate::count) return true;
      return refuse(call.position, ErrorCode::type_mismatch,
                    fmt::format("{} takes an argument, not *", rule.name));
    }
    if (modifiers.distinct && rule.aggregate != Aggregate::count)
      return refuse(call.position, ErrorCode::not_supported,
                    fmt::format("{} does not take DISTINCT", rule.name), "only count(distinct x) does");
    if (percentile != modifiers.within_group)
      return refuse(
          call.position, ErrorCode::type_mismatch,
          percentile ? "percentile_cont needs an order" : fmt::format("{} takes no WITHIN GROUP", rule.name),
          "write percentile_cont(0.95) within group (order by x)");
    if (!percentile && !modifiers.order.empty())
      return refuse(call.position, ErrorCode::not_supported, fmt::format("{} takes no ORDER BY", rule.name),
                    "first and last follow the view's window column");
    if (call.args.size() != rule.args)
      return refuse(call.position, ErrorCode::type_mismatch,
                    fmt::format("{} takes {} argument{}, not {}", rule.name, rule.args,
                                rule.args == 1 ? "" : "s", call.args.size()));
    return true;
  }

  void arguments(const Syntax& call, const CallModifiers& modifiers) {
    measure_.type = Type::integer;
    if (modifiers.star) return;
    if (modifiers.distinct) measure_.aggregate = Aggregate::distinct;
    if (measure_.aggregate == Aggregate::percentile) {
      percentile(call.args.front(), modifiers);
      return;
    }
    measure_.argument = argument(call.args.front());
    if (measure_.aggregate == Aggregate::ratio) {
      measure_.denominator = argument(call.args[1]);
      check_type(measure_.denominator, call.args[1].position);
    }
    check_type(measure_.argument, call.args.front().position);
  }

  // DESC turns the fraction around.
  void percentile(const Syntax& fraction, const CallModifiers& modifiers) {
    if (modifiers.order.size() != 1) {
      refuse(fraction.position, ErrorCode::type_mismatch, "percentile_cont takes one ORDER BY column");
      return;
    }
    const bool literal = fraction.kind == SyntaxKind::decimal || fraction.kind == SyntaxKind::integer;
    const auto number = literal ? Decimal::parse(fraction.text) : fail(ErrorCode::syntax, "");
    if (!number || number->sign() < 0 || *number > Decimal(1)) {
      refuse(fraction.position, ErrorCode::invalid_value, "percentile_cont takes a number from 0 to 1",
             "write percentile_cont(0.95)");
      return;
    }
    measure_.fraction =
        modifiers.descending ? Decimal::subtract(Decimal(1), *number).value_or(*number) : *number;
    measure_.argument = argument(modifiers.order.front());
    check_type(measure_.argument, modifiers.order.front().position);
  }

  void check_type(const Expression& expression, std::size_t position) {
    if (!expression) return;
    measure_.type = result_type(measure_.aggregate, expression.type());
    if (measure_.type == Type::null)
      refuse(position, ErrorCode::type_mismatch,
             fmt::format("{} takes {}, not {}", name_of(measure_.aggregate),
                         accepted_types(measure_.aggregate), name_of(expression.type())));
  }

  Expression argument(const Syntax& syntax) { return typed(syntax, Type::null); }
  Expression filter(const Syntax& syntax) { return typed(syntax, Type::boolean); }

  // An empty expression when an error was reported.
  Expression typed(const Syntax& syntax, Type wanted) {
    Typer typer(scope_, errors_);
    auto root = typer.type(syntax);
    if (!root) return {};
    const std::size_t errors_before = errors_.size();
    if (!typer.coerce(*root, wanted) && errors_.size() == errors_before)
      typer.refuse(root->position, ErrorCode::type_mismatch,
                   fmt::format("filter (where ...) takes boolean, not {}", name_of(root->node.type)));
    if (!typer.check_clock(*root) || errors_.size() != errors_before) return {};
    return typer.finish(std::move(*root), text_);
  }

  std::string_view text_;
  const Scope& scope_;
  std::vector<ExpressionError>& errors_;
  MeasureExpression measure_;
};

}  // namespace

std::string_view name_of(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::count:
      return "count";
    case Aggregate::sum:
      return "sum";
    case Aggregate::avg:
      return "avg";
    case Aggregate::min:
      return "min";
    case Aggregate::max:
      return "max";
    case Aggregate::first:
      return "first";
    case Aggregate::last:
      return "last";
    case Aggregate::distinct:
      return "count_distinct";
    case Aggregate::percentile:
      return "percentile_cont";
    case Aggregate::ratio:
      return "ratio";
  }
  return "";
}

std::optional<MeasureExpression> compile_measure(std::string_view text, const Scope& scope,
                                                 std::vector<ExpressionError>& errors) {
  const std::size_t errors_before = errors.size();
  auto measure = MeasureCompiler(text, scope, errors).compile();
  put_on_one_line(errors, errors_before);
  return measure;
}

}  // namespace slipstream
