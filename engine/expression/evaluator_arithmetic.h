// Evaluator: numbers, intervals and parts of instants. Included by evaluate.cpp alone.
#pragma once

#include "engine/expression/evaluator.h"

namespace slipstream {

template <class Number>
auto Evaluator<Number>::from_optional(std::optional<Number> number) -> V {
  return number ? V::decimal(std::move(*number)) : lost();
}

template <class Number>
auto Evaluator<Number>::arithmetic(const ExpressionNode& node) -> V {
  V left_scratch, right_scratch;
  const V& a = reference(node.args[0], left_scratch);
  const V& b = reference(node.args[1], right_scratch);
  if (a.is_null() || b.is_null()) return V::null();
  if (a.type() == Type::integer) return integer_arithmetic(node.op, a.as_integer(), b.as_integer());
  if (a.type() == Type::decimal) return number_arithmetic(node.op, a.as_decimal(), b.as_decimal());
  return calendar_arithmetic(node, a, b);
}

template <class Number>
auto Evaluator<Number>::integer_arithmetic(Op op, std::int64_t a, std::int64_t b) -> V {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Op::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Op::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Op::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      overflow = b == 0;
      if (overflow) break;
      if (b == -1)  // INT64_MIN / -1 does not fit, and traps
        overflow = op == Op::divide && __builtin_sub_overflow(std::int64_t{0}, a, &result);
      else
        result = op == Op::divide ? a / b : a % b;
  }
  return overflow ? lost() : V::integer(result);
}

template <class Number>
auto Evaluator<Number>::number_arithmetic(Op op, const Number& a, const Number& b) -> V {
  switch (op) {
    case Op::add:
      return from_optional(Numbers<Number>::add(a, b));
    case Op::subtract:
      return from_optional(Numbers<Number>::subtract(a, b));
    case Op::multiply:
      return from_optional(Numbers<Number>::multiply(a, b));
    case Op::divide:
      return from_optional(Numbers<Number>::divide(a, b));
    default:
      return from_optional(Numbers<Number>::modulo(a, b));
  }
}

template <class Number>
auto Evaluator<Number>::calendar_arithmetic(const ExpressionNode& node, const V& a, const V& b) -> V {
  if (a.is_null() || b.is_null()) return V::null();
  if (node.op == Op::add_interval) {
    const Timestamp sum = add_interval(a.as_timestamp(), b.as_interval(), node.sign, *context_.zone);
    return is_representable(sum) ? V::timestamp(sum) : lost();
  }
  if (node.op == Op::sum_of_intervals) {
    const auto sum = add_intervals(a.as_interval(), b.as_interval(), node.sign);
    return sum ? V::interval(*sum) : lost();
  }
  std::int64_t us = 0;
  if (__builtin_sub_overflow(a.as_timestamp().us, b.as_timestamp().us, &us)) return lost();
  return V::interval({0, 0, us});
}

template <class Number>
auto Evaluator<Number>::negate(const ExpressionNode& node) -> V {
  V scratch;
  const V& argument = reference(node.args[0], scratch);
  if (argument.is_null()) return V::null();
  if (argument.type() == Type::integer) return integer_arithmetic(Op::subtract, 0, argument.as_integer());
  if (argument.type() == Type::decimal) return V::decimal(Numbers<Number>::negated(argument.as_decimal()));
  const auto negated = add_intervals({}, argument.as_interval(), -1);
  return negated ? V::interval(*negated) : lost();
}

template <class Number>
auto Evaluator<Number>::scale_interval(const ExpressionNode& node) -> V {
  const V interval = value(node.args[0]);
  const V number = value(node.args[1]);
  if (interval.is_null() || number.is_null()) return V::null();
  Rational factor = number.type() == Type::integer ? Rational(number.as_integer())
                                                   : Numbers<Number>::to_exact(number.as_decimal());
  if (node.op == Op::divide_interval) {
    if (factor.is_zero()) return lost();
    factor = 1 / factor;
  }
  const auto scaled = multiply_interval(interval.as_interval(), factor);
  return scaled ? V::interval(*scaled) : lost();
}

template <class Number>
auto Evaluator<Number>::number_function(const ExpressionNode& node) -> V {
  V scratch;
  const V& x = reference(node.args[0], scratch);
  if (x.is_null()) return V::null();
  std::int64_t second = 0;  // digits of round and trunc, or the exponent of power
  if (node.arg_count > 1) {
    const V argument = value(node.args[1]);
    if (argument.is_null()) return V::null();
    second = argument.as_integer();
  }
  return x.type() == Type::integer ? integer_function(node, x.as_integer(), second)
                                   : decimal_function(node, x.as_decimal(), second);
}

template <class Number>
auto Evaluator<Number>::integer_function(const ExpressionNode& node, std::int64_t x, std::int64_t digits)
    -> V {
  switch (node.op) {
    case Op::absolute:
      return x < 0 ? integer_arithmetic(Op::subtract, 0, x) : V::integer(x);
    case Op::sign:
      return V::integer(x < 0 ? -1 : x > 0 ? 1 : 0);
    case Op::round:
    case Op::truncate: {
      if (digits >= 0) return V::integer(x);
      const auto cut = node.op == Op::round ? Numbers<Decimal>::round(Decimal(x), digits)
                                            : Numbers<Decimal>::truncate(Decimal(x), digits);
      const auto integer = cut ? to_int64(*cut) : std::nullopt;
      return integer ? V::integer(*integer) : lost();
    }
    default:
      return V::integer(x);
  }
}

template <class Number>
auto Evaluator<Number>::decimal_function(const ExpressionNode& node, const Number& x, std::int64_t digits)
    -> V {
  using N = Numbers<Number>;
  switch (node.op) {
    case Op::absolute:
      return V::decimal(N::sign(x) < 0 ? N::negated(x) : x);
    case Op::sign:
      return V::decimal(N::from_integer(N::sign(x)));
    case Op::round:
      return from_optional(N::round(x, digits));
    case Op::truncate:
      return from_optional(N::truncate(x, digits));
    case Op::power:
      return from_optional(N::power(x, digits));
    default: {
      const auto whole = N::truncate(x, 0);
      if (!whole) return lost();
      const int rest = N::compare(x, *whole);
      const int step = node.op == Op::floor ? std::min(rest, 0) : std::max(rest, 0);
      return from_optional(N::add(*whole, N::from_integer(step)));
    }
  }
}

template <class Number>
auto Evaluator<Number>::calendar_field(const ExpressionNode& node, const V& argument) -> V {
  if (argument.is_null()) return V::null();
  if (argument.type() == Type::interval)
    return V::decimal(Numbers<Number>::from_decimal(extract_field(node.field, argument.as_interval())));
  const Timestamp t = argument.as_timestamp();
  if (!is_representable(t)) return lost();
  if (node.op == Op::extract)
    return V::decimal(Numbers<Number>::from_decimal(extract_field(node.field, t, *context_.zone)));
  return V::timestamp(truncate_to(node.field, t, *context_.zone));
}

}  // namespace slipstream
