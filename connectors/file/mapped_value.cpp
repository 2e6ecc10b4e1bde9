#include "connectors/file/mapped_value.h"

#include <string>
#include <vector>

#include "engine/decode/field_rules.h"
#include "engine/decode/list_field.h"

namespace slipstream {
namespace {

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (item.starts_with(' '))
      item.remove_prefix(1);
    while (item.ends_with(' '))
      item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

Result<Value> text_list(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                        Arena& arena) {
  std::vector<std::string> items;
  if (text.starts_with('[')) {
    auto read = read_text_list(text);
    if (!read) return refuse(definition, use.name, ErrorCode::wrong_type, "is no JSON array of texts");
    items = *std::move(read);
  } else {
    items = split_items(text);
  }
  if (items.size() > kListItemsMax)
    return refuse(definition, use.name, ErrorCode::record_too_large, "too many items");
  for (const std::string& item : items)
    SLIPSTREAM_TRY(check_list_item(definition, use, item));
  return Value::text(arena.keep(format_text_list(items)));
}

Result<Value> decimal_list(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                           Arena& arena) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<Decimal> numbers;
  std::string separated(text);
  for (char& c : separated)
    if (c == ',') c = ';';
  for (const std::string& item : split_items(separated)) {
    const auto number = Decimal::parse(item);
    if (!number) return refuse(definition, use.name, ErrorCode::wrong_type, "is no list of numbers");
    numbers.push_back(*number);
  }
  if (numbers.size() > kListItemsMax)
    return refuse(definition, use.name, ErrorCode::record_too_large, "too many items");
  SLIPSTREAM_TRY(check_shares(definition, use, numbers));
  return Value::text(arena.keep(format_decimal_list(numbers)));
}

Result<Value> day_list(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                       Arena& arena) {
  const auto days = read_day_list(text);
  if (!days)
    return refuse(definition, use.name, ErrorCode::wrong_type,
                  "is no JSON array of days: " + days.error().message);
  return Value::text(arena.keep(format_day_list(*days)));
}

}  // namespace

Result<Value> mapped_value(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                           const Zone& zone, Arena& arena) {
  switch (use.shape) {
    case FieldShape::ids:
    case FieldShape::nodes:
    case FieldShape::texts:
      return text_list(definition, use, text, arena);
    case FieldShape::decimals:
      return decimal_list(definition, use, text, arena);
    case FieldShape::days:
      return day_list(definition, use, text, arena);
    default:
      break;
  }
  SLIPSTREAM_ASSIGN(const Value value, value_from_text(definition, use, text, zone));
  SLIPSTREAM_TRY(check_field(definition, use, value));
  return value;
}

}  // namespace slipstream
