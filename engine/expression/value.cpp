// Names, conversions and texts of values.
#include "engine/expression/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipstream {
namespace {

constexpr int kPrintedDigits = 6;

constexpr std::array<std::string_view, 7> kTypeNames = {"null", "boolean",   "integer", "decimal",
                                                        "text", "timestamp", "interval"};

std::string format_number(const Decimal& value) { return value.to_string(); }
std::string format_number(const Rational& value) { return format_rational(rounded(value, kPrintedDigits)); }

template <class Number>
std::string format_any(const BasicValue<Number>& value, const Zone& zone) {
  switch (value.type()) {
    case Type::null:
      return "";
    case Type::boolean:
      return value.as_boolean() ? "true" : "false";
    case Type::integer:
      return std::to_string(value.as_integer());
    case Type::decimal:
      return format_number(value.as_decimal());
    case Type::text:
      return std::string(value.as_text());
    case Type::timestamp:
      return format_timestamp(value.as_timestamp(), zone);
    case Type::interval:
      return format_interval(value.as_interval());
  }
  return "";
}

}  // namespace

void set_null(std::span<Value> row) {
  static constexpr std::array<Value, 32> kNulls{};
  while (!row.empty()) {
    const std::size_t count = std::min(row.size(), kNulls.size());
    std::copy_n(kNulls.begin(), count, row.begin());
    row = row.subspan(count);
  }
}

std::string_view name_of(Type type) { return kTypeNames[static_cast<std::size_t>(type)]; }

Result<Type> parse_type(std::string_view name) {
  for (std::size_t i = 1; i < kTypeNames.size(); ++i)
    if (kTypeNames[i] == name) return static_cast<Type>(i);
  return fail(ErrorCode::unknown_name,
              fmt::format("unknown type '{}'; write boolean, integer, decimal, text, timestamp or interval",
                          name.substr(0, 64)));
}

KpiValue to_kpi_value(const Value& value) {
  switch (value.type()) {
    case Type::null:
      return KpiValue::null();
    case Type::boolean:
      return KpiValue::boolean(value.as_boolean());
    case Type::integer:
      return KpiValue::integer(value.as_integer());
    case Type::decimal:
      return KpiValue::decimal(to_rational(value.as_decimal()));
    case Type::text:
      return KpiValue::text(value.as_text());
    case Type::timestamp:
      return KpiValue::timestamp(value.as_timestamp());
    case Type::interval:
      return KpiValue::interval(value.as_interval());
  }
  return KpiValue::null();
}

std::optional<Rational> number_of(const KpiValue& value) {
  if (value.type() == Type::integer) return Rational(value.as_integer());
  if (value.type() == Type::decimal) return value.as_decimal();
  return std::nullopt;
}

std::string format_value(const Value& value, const Zone& zone) { return format_any(value, zone); }
std::string format_value(const KpiValue& value, const Zone& zone) { return format_any(value, zone); }

}  // namespace slipstream
