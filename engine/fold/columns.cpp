#include "engine/fold/columns.h"

#include <fmt/format.h>

namespace slipstream {
namespace {

std::optional<Value> from_text(std::string_view text, Type type, const Zone& zone) {
  switch (type) {
    case Type::boolean:
      if (text == "true") return Value::boolean(true);
      if (text == "false") return Value::boolean(false);
      return std::nullopt;
    case Type::integer:
      if (const auto number = Decimal::parse(text))
        if (const auto integer = number->to_integer()) return Value::integer(*integer);
      return std::nullopt;
    case Type::decimal:
      if (const auto number = Decimal::parse(text)) return Value::decimal(*number);
      return std::nullopt;
    case Type::timestamp:
      if (const auto at = parse_timestamp(text, &zone)) return Value::timestamp(*at);
      return std::nullopt;
    case Type::interval:
      if (const auto interval = parse_interval(text)) return Value::interval(*interval);
      return std::nullopt;
    case Type::text:
    case Type::null:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> convert_value(const Value& value, Type type, const Zone& zone) {
  if (value.is_null() || value.type() == type) return value;
  if (value.type() == Type::text) return from_text(value.as_text(), type, zone);
  if (value.type() == Type::integer && type == Type::decimal)
    return Value::decimal(Decimal(value.as_integer()));
  if (value.type() == Type::decimal && type == Type::integer)
    if (const auto integer = value.as_decimal().to_integer()) return Value::integer(*integer);
  return std::nullopt;
}

DeclaredColumns::DeclaredColumns(const std::vector<Column>& columns, std::uint16_t first_index, Zone zone)
    : columns_(columns), first_index_(first_index), zone_(std::move(zone)) {}

void DeclaredColumns::set(std::string_view name, const Value& value, std::span<Value> row) const {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].name == name)
      if (const auto converted = convert_value(value, columns_[i].type, zone_))
        row[first_index_ + i] = *converted;
}

Result<> DeclaredColumns::check(const Event& event) const {
  for (const EventAttribute& attribute : event.attributes)
    for (const Column& column : columns_)
      if (column.name == attribute.name && !convert_value(attribute.value, column.type, zone_))
        return fail(
            ErrorCode::wrong_type,
            fmt::format("attribute {}: '{}' is not of the declared type {}; correct the event or the column",
                        attribute.name, format_value(attribute.value, zone_), name_of(column.type)));
  return {};
}

}  // namespace slipstream
