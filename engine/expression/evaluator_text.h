// Evaluator: text and casts. Text that is not a part of an operand goes to the arena. Included by
// evaluate.cpp alone.
#pragma once

#include "engine/expression/casts.h"
#include "engine/expression/evaluator.h"
#include "engine/expression/text_functions.h"
#include "engine/expression/utf8.h"

namespace slipstream {

template <class Number>
auto Evaluator<Number>::keep(std::string text) -> V {
  if (text.size() > kTextBytesMax || !spend(text.size())) return lost();
  return V::text(context_.arena->keep(std::move(text)));
}

template <class Number>
auto Evaluator<Number>::text_function(const ExpressionNode& node) -> V {
  if (node.op == Op::concat || node.op == Op::append) return join(node);
  if (node.arg_count > 1) return text_of_many(node);
  V scratch;
  const V& argument = reference(node.args[0], scratch);
  return argument.is_null() ? V::null() : text_of_one(node, argument.as_text());
}

template <class Number>
auto Evaluator<Number>::text_of_one(const ExpressionNode& node, std::string_view text) -> V {
  switch (node.op) {
    case Op::lower:
      return keep(lower_case(text));
    case Op::upper:
      return keep(upper_case(text));
    case Op::length:
      return V::integer(count_code_points(text));
    default:
      return V::text(trimmed(text, " ", node.sides));
  }
}

template <class Number>
auto Evaluator<Number>::text_of_many(const ExpressionNode& node) -> V {
  const V first = value(node.args[0]);
  const V second = value(node.args[1]);
  const V third = node.arg_count > 2 ? value(node.args[2]) : V::integer(0);
  if (first.is_null() || second.is_null() || third.is_null()) return V::null();
  const std::string_view text = first.as_text();
  if (node.op == Op::left) return V::text(left_of(text, second.as_integer()));
  if (node.op == Op::right) return V::text(right_of(text, second.as_integer()));
  if (node.op != Op::starts_with && !spend(text.size(), second.as_text().size())) return lost();
  switch (node.op) {
    case Op::starts_with:
      return V::boolean(text.starts_with(second.as_text()));
    case Op::position:
      return V::integer(position_of(text, second.as_text()));
    case Op::split_part:
      return V::text(field_of(text, second.as_text(), third.as_integer()));
    case Op::replace: {
      auto result = replaced(text, second.as_text(), third.as_text());
      return result ? keep(std::move(*result)) : lost();
    }
    default:
      return V::text(trimmed(text, second.as_text(), node.sides));
  }
}

// concat() skips NULL, || becomes NULL.
template <class Number>
auto Evaluator<Number>::join(const ExpressionNode& node) -> V {
  std::string joined;
  for (std::uint16_t i = 0; i < node.arg_count; ++i) {
    V scratch;
    const V& part = reference(node.args[i], scratch);
    if (part.is_null() && node.op == Op::append) return V::null();
    joined += text_from(part);
    if (joined.size() > kTextBytesMax) return lost();
  }
  return keep(std::move(joined));
}

template <class Number>
std::string Evaluator<Number>::text_from(const V& value) const {
  if (value.type() == Type::decimal) return Numbers<Number>::to_text(value.as_decimal());
  return format_value(value, *context_.zone);
}

template <class Number>
auto Evaluator<Number>::cast(const ExpressionNode& node) -> V {
  V scratch;
  const V& from = reference(node.args[0], scratch);
  if (from.is_null()) return V::null();
  if (node.type == Type::text) return keep(text_from(from));
  if (from.type() == Type::text) return cast_text(from.as_text(), node.type);
  if (node.type == Type::decimal) return V::decimal(Numbers<Number>::from_integer(from.as_integer()));
  if (node.type == Type::boolean) return V::boolean(from.as_integer() != 0);
  return cast_to_integer(from);
}

template <class Number>
auto Evaluator<Number>::cast_to_integer(const V& from) -> V {
  if (from.type() == Type::boolean) return V::integer(from.as_boolean() ? 1 : 0);
  const auto rounded_number = Numbers<Number>::round(from.as_decimal(), 0);
  const auto integer = rounded_number ? to_int64(*rounded_number) : std::nullopt;
  return integer ? V::integer(*integer) : lost();
}

template <class Number>
auto Evaluator<Number>::cast_text(std::string_view text, Type target) -> V {
  if (target == Type::timestamp) {
    const auto instant = parse_timestamp(text, context_.zone);
    return instant ? V::timestamp(*instant) : lost();
  }
  if (target == Type::interval) {
    const auto interval = parse_interval(text);
    return interval ? V::interval(*interval) : lost();
  }
  const auto parsed = text_to_value(text, target);
  if (!parsed) return lost();
  if (target == Type::decimal) return V::decimal(Numbers<Number>::from_decimal(parsed->as_decimal()));
  return target == Type::integer ? V::integer(parsed->as_integer()) : V::boolean(parsed->as_boolean());
}

}  // namespace slipstream
