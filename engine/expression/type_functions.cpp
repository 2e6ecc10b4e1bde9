// Typing of function calls and casts.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/base/time.h"
#include "engine/expression/typer.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

std::string_view words_of(Parameter parameter) {
  switch (parameter) {
    case Parameter::number:
      return "a number";
    case Parameter::integer:
      return "an integer";
    case Parameter::text:
      return "text";
    case Parameter::any:
      return "anything";
  }
  return "";
}

Type literal_type(Parameter parameter) {
  return parameter == Parameter::number    ? Type::decimal
         : parameter == Parameter::integer ? Type::integer
                                           : Type::text;
}

bool accepts(Parameter parameter, Type type) {
  if (type == Type::null || parameter == Parameter::any) return true;
  if (parameter == Parameter::number) return is_number(type);
  return type == literal_type(parameter);
}

// PostgreSQL's names of the types, as its grammar gives them. `day`: a date, held as its local midnight.
struct TypeName {
  std::string_view name;
  Type type;
  bool day = false;
};
constexpr std::array<TypeName, 17> kTypeNames = {{{"text", Type::text},
                                                  {"varchar", Type::text},
                                                  {"bpchar", Type::text},
                                                  {"int2", Type::integer},
                                                  {"int4", Type::integer},
                                                  {"int8", Type::integer},
                                                  {"integer", Type::integer},
                                                  {"bigint", Type::integer},
                                                  {"numeric", Type::decimal},
                                                  {"decimal", Type::decimal},
                                                  {"bool", Type::boolean},
                                                  {"boolean", Type::boolean},
                                                  {"timestamp", Type::timestamp},
                                                  {"timestamptz", Type::timestamp},
                                                  {"interval", Type::interval},
                                                  {"date", Type::timestamp, true},
                                                  {"string", Type::text}}};

bool can_cast(Type from, Type to) {
  if (from == to || from == Type::null || from == Type::text || to == Type::text) return true;
  if (is_number(from) && is_number(to)) return true;
  return (from == Type::boolean && to == Type::integer) || (from == Type::integer && to == Type::boolean);
}

}  // namespace

Typer::Typed Typer::typed_function(const Syntax& syntax) {
  static constexpr std::array<std::string_view, 2> kClockNames = {"now", "current_date"};
  static constexpr std::array<std::string_view, 3> kCalendarNames = {"date_trunc", "date_part", "extract"};
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), syntax.text) != names.end();
  };
  if (is_aggregate_name(syntax.text)) return refuse_function(syntax);
  if (syntax.call) {
    refuse(syntax.position, ErrorCode::not_supported,
           fmt::format("{} is no aggregate: it takes no *, DISTINCT, ORDER BY or FILTER", syntax.text));
    return std::nullopt;
  }
  if (among(kClockNames)) return typed_clock(syntax);
  if (among(kCalendarNames)) return typed_calendar_call(syntax);
  if (syntax.text == "mod") return typed_mod(syntax);
  auto args = type_all(syntax.args);
  const FunctionRule* rule = find_function(syntax.text);
  if (rule == nullptr) return refuse_function(syntax);
  if (!args) return std::nullopt;
  return typed_call(*rule, syntax, std::move(*args));
}

Typer::Typed Typer::typed_mod(const Syntax& syntax) {
  if (syntax.args.size() != 2) {
    refuse(syntax.position, ErrorCode::type_mismatch,
           fmt::format("mod takes 2 arguments, not {}", syntax.args.size()));
    return std::nullopt;
  }
  Syntax as_operator = syntax;
  as_operator.kind = SyntaxKind::arithmetic;
  as_operator.text = "%";
  return typed_arithmetic(as_operator);
}

Typer::Typed Typer::refuse_function(const Syntax& syntax) {
  if (is_aggregate_name(syntax.text)) {
    refuse(syntax.position, ErrorCode::not_supported,
           fmt::format("the aggregate {} cannot stand inside an expression", syntax.text),
           "a measure is one aggregate call; declare it under measures and use its name in a KPI");
    return std::nullopt;
  }
  const auto names = function_names();
  refuse(syntax.position, ErrorCode::unknown_name, fmt::format("there is no function '{}'", syntax.text),
         suggest_name(syntax.text, names));
  return std::nullopt;
}

bool Typer::check_arguments(const FunctionRule& rule, std::vector<TypedNode>& args, std::size_t position) {
  if (args.size() < rule.args_min || args.size() > rule.args_max) {
    const std::string expected = rule.args_min == rule.args_max
                                     ? std::to_string(rule.args_min)
                                     : fmt::format("{} to {}", rule.args_min, rule.args_max);
    return refuse(position, ErrorCode::type_mismatch,
                  fmt::format("{} takes {} arguments, not {}", rule.name, expected, args.size()));
  }
  bool good = true;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Parameter parameter = rule.parameters[std::min(i, rule.parameters.size() - 1)];
    TypedNode& arg = args[i];
    if (arg.is_text_literal && parameter != Parameter::any && !coerce(arg, literal_type(parameter)))
      good = false;
    else if (!accepts(parameter, arg.node.type))
      good =
          refuse(arg.position, ErrorCode::type_mismatch,
                 fmt::format("argument {} of {} is {}, not {}", i + 1, rule.name, words_of(parameter),
                             name_of(arg.node.type)),
                 fmt::format("cast it: x::{}",
                             parameter == Parameter::number ? "numeric" : name_of(literal_type(parameter))));
  }
  return good;
}

Typer::Typed Typer::typed_call(const FunctionRule& rule, const Syntax& syntax, std::vector<TypedNode> args) {
  if (!check_arguments(rule, args, syntax.position)) return std::nullopt;
  if (rule.op == Op::power && !coerce(args.front(), Type::decimal)) return std::nullopt;
  const Type type = rule.result == Type::null ? args.front().node.type : rule.result;
  TypedNode typed = make(rule.op, type, syntax.position, std::move(args));
  typed.node.sides = rule.sides;
  return settled(std::move(typed));
}

Typer::Typed Typer::typed_clock(const Syntax& syntax) {
  if (!syntax.args.empty()) {
    refuse(syntax.position, ErrorCode::type_mismatch, fmt::format("{} takes no arguments", syntax.text));
    return std::nullopt;
  }
  TypedNode typed = make(Op::clock, Type::timestamp, syntax.position);
  typed.node.clock = ClockUse::moving;
  typed.node.uses_clock = true;
  if (syntax.text == "now") return typed;
  return typed_date_trunc(CalendarField::day, syntax.position, std::move(typed));
}

Typer::Typed Typer::typed_calendar_call(const Syntax& syntax) {
  if (syntax.args.size() != 2) {
    refuse(syntax.position, ErrorCode::type_mismatch,
           fmt::format("{} takes a field and a value", syntax.text),
           "write date_trunc('day', due_at) or extract(day from due_at)");
    return std::nullopt;
  }
  auto argument = type(syntax.args[1]);
  const Syntax& name = syntax.args[0];
  const auto field =
      name.kind == SyntaxKind::text ? find_calendar_field(lower_case(name.text)) : std::nullopt;
  const bool truncates = syntax.text == "date_trunc";
  if (!field || (truncates && !can_truncate_to(*field))) {
    refuse(name.position, ErrorCode::invalid_value,
           fmt::format("{} takes a field in quotes, such as 'day'", syntax.text),
           truncates
               ? "microseconds, milliseconds, second, minute, hour, day, week, month, quarter or year"
               : "second, minute, hour, day, dow, isodow, doy, week, month, quarter, year, isoyear, epoch, "
                 "milliseconds or microseconds");
    return std::nullopt;
  }
  if (!argument) return std::nullopt;
  return truncates ? typed_date_trunc(*field, syntax.position, std::move(*argument))
                   : typed_extract(*field, syntax.position, std::move(*argument));
}

Typer::Typed Typer::typed_date_trunc(CalendarField field, std::size_t position, TypedNode argument) {
  if (!coerce(argument, Type::timestamp)) {
    refuse(argument.position, ErrorCode::type_mismatch,
           fmt::format("date_trunc takes a timestamp, not {}", name_of(argument.node.type)));
    return std::nullopt;
  }
  const bool on_clock = argument.node.clock != ClockUse::none;
  std::vector<TypedNode> args;
  args.push_back(std::move(argument));
  TypedNode typed = make(Op::date_trunc, Type::timestamp, position, std::move(args));
  typed.node.field = field;
  typed.node.clock = on_clock ? ClockUse::stepping : ClockUse::none;
  return typed;
}

Typer::Typed Typer::typed_extract(CalendarField field, std::size_t position, TypedNode argument) {
  if (argument.is_text_literal && !coerce(argument, Type::timestamp)) return std::nullopt;
  const Type type = argument.node.type;
  if (type != Type::timestamp && type != Type::interval && type != Type::null) {
    refuse(argument.position, ErrorCode::type_mismatch,
           fmt::format("extract takes a timestamp or an interval, not {}", name_of(type)));
    return std::nullopt;
  }
  if (type == Type::interval && !can_extract_from_interval(field)) {
    refuse(position, ErrorCode::type_mismatch, "an interval has no such field",
           "year, quarter, month, day, hour, minute, second, epoch");
    return std::nullopt;
  }
  const ClockUse clock = argument.node.clock;
  std::vector<TypedNode> args;
  args.push_back(std::move(argument));
  TypedNode typed = make(Op::extract, Type::decimal, position, std::move(args));
  typed.node.field = field;
  if (clock == ClockUse::moving && is_continuous(field)) return settled(std::move(typed));
  typed.node.clock = clock == ClockUse::none ? ClockUse::none : ClockUse::stepping;
  return typed;
}

Typer::Typed Typer::typed_cast(const Syntax& syntax) {
  auto typed = type(syntax.args.front());
  const auto found = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                  [&](const TypeName& name) { return name.name == syntax.text; });
  if (found == kTypeNames.end()) {
    const bool floating = syntax.text.starts_with("float");
    refuse(syntax.position, ErrorCode::not_supported, fmt::format("there is no type {} here", syntax.text),
           floating ? "figures are exact: write numeric"
                    : "the types are boolean, integer, numeric, text, timestamp, date and interval");
    return std::nullopt;
  }
  if (!typed) return std::nullopt;
  const std::size_t position = typed->is_text_literal ? typed->position : syntax.position;
  auto cast = cast_to(std::move(*typed), found->type, position);
  if (!cast || !found->day) return cast;
  const bool midnight =
      cast->node.op == Op::local_timestamp && cast->node.constant.as_timestamp().us % kDayUs == 0;
  return midnight ? std::move(cast) : typed_date_trunc(CalendarField::day, syntax.position, std::move(*cast));
}

Typer::Typed Typer::cast_to(TypedNode&& typed, Type target, std::size_t position) {
  const Type from = typed.node.type;
  if (!can_cast(from, target)) {
    refuse(position, ErrorCode::type_mismatch,
           fmt::format("{} does not cast to {}", name_of(from), name_of(target)),
           from == Type::interval && is_number(target) ? "write extract(epoch from x) for seconds" : "");
    return std::nullopt;
  }
  if (typed.is_text_literal && !coerce(typed, target)) return std::nullopt;
  typed.is_text_literal = false;
  if (typed.node.type == Type::null && typed.node.op == Op::constant) typed.node.type = target;
  if (typed.node.type == target) return std::move(typed);
  std::vector<TypedNode> args;
  args.push_back(std::move(typed));
  return settled(make(Op::cast, target, position, std::move(args)));
}

}  // namespace slipstream
