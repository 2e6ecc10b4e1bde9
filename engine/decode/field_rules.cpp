#include "engine/decode/field_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/decode/json_text.h"
#include "engine/decode/list_field.h"

namespace slipstream {
namespace {

constexpr std::size_t kSourceBytesMax = kIdBytesMax;

std::string bounds_text(const NumberBounds& bounds) {
  const std::string_view from = bounds.above_min ? "above" : "at least";
  if (bounds.min && bounds.max) return fmt::format("{} {} and at most {}", from, *bounds.min, *bounds.max);
  if (bounds.min) return fmt::format("{} {}", from, *bounds.min);
  return bounds.max ? fmt::format("at most {}", *bounds.max) : std::string();
}

bool within(Decimal number, const NumberBounds& bounds) {
  if (bounds.min && number < Decimal(*bounds.min)) return false;
  if (bounds.min && bounds.above_min && number == Decimal(*bounds.min)) return false;
  return !bounds.max || number <= Decimal(*bounds.max);
}

// Clearly inside; on a bound the exact comparison decides.
bool is_inside(std::int64_t number, const NumberBounds& bounds) {
  return number > bounds.min.value_or(INT64_MIN) && number <= bounds.max.value_or(INT64_MAX);
}

Result<> check_number(const EventDefinition& definition, const FieldUse& use, Decimal number) {
  const NumberBounds& bounds = use.definition->bounds;
  if ((!bounds.min && !bounds.max) || within(number, bounds)) return {};
  return refuse(definition, use.name, ErrorCode::number_out_of_range,
                fmt::format("{} is not {}", number.to_string(), bounds_text(bounds)));
}

Result<> check_length(const EventDefinition& definition, std::string_view name, std::string_view text,
                      std::size_t bytes_max) {
  if (text.size() <= bytes_max) return {};
  return refuse(definition, name, ErrorCode::record_too_large,
                fmt::format("{} bytes, at most {} are taken", text.size(), bytes_max));
}

Result<> check_text(const EventDefinition& definition, std::string_view name, FieldShape shape,
                    std::string_view text, std::size_t bytes_max) {
  SLIPSTREAM_TRY(check_length(definition, name, text, bytes_max));
  if (shape == FieldShape::text) return {};
  if (text.empty()) return refuse(definition, name, ErrorCode::missing_field, "is empty");
  if (shape == FieldShape::node && !is_node_path(text))
    return refuse(
        definition, name, ErrorCode::wrong_type,
        fmt::format("{} is not a node path; write segments separated by single '/'", in_quotes(text)));
  return {};
}

Result<> check_choice(const EventDefinition& definition, const FieldUse& use, std::string_view text) {
  const auto choices = use.definition->choices;
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return {};
  return refuse(definition, use.name, ErrorCode::wrong_type,
                fmt::format("{} is none of {}", in_quotes(text), fmt::join(choices, ", ")));
}

// Waiting times: no part negative, none beyond ten thousand years.
Result<> check_interval(const EventDefinition& definition, const FieldUse& use, Interval interval) {
  constexpr std::int32_t kMonthsMax = 120'000;
  constexpr std::int32_t kDaysMax = 3'660'000;
  const auto inside = [](auto part, auto max) { return part >= 0 && part <= max; };
  if (inside(interval.months, kMonthsMax) && inside(interval.days, kDaysMax) &&
      inside(interval.us, days(kDaysMax).us))
    return {};
  return refuse(definition, use.name, ErrorCode::number_out_of_range,
                "is negative or longer than 10000 years");
}

FieldShape item_shape(FieldShape list) {
  switch (list) {
    case FieldShape::ids:
      return FieldShape::id;
    case FieldShape::nodes:
      return FieldShape::node;
    default:
      return FieldShape::text;
  }
}

Result<> check_text_list(const EventDefinition& definition, const FieldUse& use, std::string_view list) {
  SLIPSTREAM_ASSIGN(const auto items, read_text_list(list));
  if (items.size() > kListItemsMax)
    return refuse(definition, use.name, ErrorCode::record_too_large,
                  fmt::format("more than {} items", kListItemsMax));
  for (const std::string& item : items)
    SLIPSTREAM_TRY(check_list_item(definition, use, item));
  return {};
}

Result<> check_list(const EventDefinition& definition, const FieldUse& use, std::string_view list) {
  if (use.shape == FieldShape::decimals) {
    SLIPSTREAM_ASSIGN(const auto shares, read_decimal_list(list));
    return check_shares(definition, use, shares);
  }
  if (use.shape == FieldShape::days) {
    SLIPSTREAM_ASSIGN(const auto days, read_day_list(list));
    for (const CalendarDay& day : days)
      SLIPSTREAM_TRY(check_length(definition, use.name, day.name, use.definition->bytes_max));
    return {};
  }
  return check_text_list(definition, use, list);
}

Result<> check_required(const EventDefinition& definition, const Event& event) {
  for (const FieldUse& use : definition.fields) {
    if (!use.required) continue;
    if (event.find(use.field) == nullptr)
      return refuse(definition, use.name, ErrorCode::missing_field, "is missing");
  }
  if (definition.at_least_one_of.empty()) return {};
  for (const Field field : definition.at_least_one_of)
    if (event.find(field) != nullptr) return {};
  std::string names;
  for (const Field field : definition.at_least_one_of)
    names += (names.empty() ? "" : ", ") + std::string(name_of(field));
  return refuse(definition, names, ErrorCode::missing_field, "one of them is needed");
}

Result<> check_pairs(const EventDefinition& definition, const Event& event) {
  const auto missing = [&](Field given, Field other) {
    return refuse(definition, name_of(other), ErrorCode::missing_field,
                  fmt::format("is missing; {} needs it", name_of(given)));
  };
  for (const auto [first, second] : fields_given_together()) {
    const bool has_first = event.find(first) != nullptr;
    const bool has_second = event.find(second) != nullptr;
    if (has_first && !has_second) return missing(first, second);
    if (has_second && !has_first) return missing(second, first);
  }
  for (const auto [first, second] : fields_that_need())
    if (event.find(first) != nullptr && event.find(second) == nullptr) return missing(first, second);
  for (const auto [first, second] : fields_in_order()) {
    const Value* from = event.find(first);
    const Value* to = event.find(second);
    if (from != nullptr && to != nullptr && from->as_timestamp() >= to->as_timestamp())
      return refuse(definition, name_of(second), ErrorCode::invalid_transition,
                    fmt::format("is not after {}", name_of(first)));
  }
  return {};
}

Result<> check_successors(const EventDefinition& definition, const Event& event) {
  const Value* successors = event.find(Field::successors);
  if (successors == nullptr) return {};
  SLIPSTREAM_ASSIGN(const auto units, read_text_list(successors->as_text()));
  if (units.empty())
    return refuse(definition, "successors", ErrorCode::missing_field, "is empty; name at least one unit");
  const Value* shares = event.find(Field::shares);
  if (shares == nullptr) return {};
  SLIPSTREAM_ASSIGN(const auto parts, read_decimal_list(shares->as_text()));
  if (parts.size() == units.size()) return {};
  return refuse(definition, "shares", ErrorCode::invalid_transition,
                fmt::format("{} shares for {} successors", parts.size(), units.size()));
}

// Bounds of a target, the inner one and the outer one, or the lower and the upper.
Result<> check_bounds(const EventDefinition& definition, const Event& event) {
  for (const auto [first, second] : fields_not_above()) {
    const Value* inner = event.find(first);
    const Value* outer = event.find(second);
    if (inner == nullptr || outer == nullptr || inner->as_decimal() <= outer->as_decimal()) continue;
    return refuse(definition, name_of(second), ErrorCode::number_out_of_range,
                  fmt::format("{} is below {}, {}", outer->as_decimal().to_string(), name_of(first),
                              inner->as_decimal().to_string()));
  }
  return {};
}

Result<> check_characters(const EventDefinition& definition, std::string_view name, std::string_view text) {
  if (is_valid_utf8(text) && text.find('\0') == std::string_view::npos) return {};
  return refuse(definition, name, ErrorCode::invalid_utf8, "is not UTF-8 without NUL characters");
}

Result<> check_envelope(const EventDefinition& definition, const Event& event) {
  const auto check = [&](std::string_view name, FieldShape shape, std::string_view text,
                         std::size_t bytes_max) -> Result<> {
    SLIPSTREAM_TRY(check_characters(definition, name, text));
    return check_text(definition, name, shape, text, bytes_max);
  };
  SLIPSTREAM_TRY(check("id", FieldShape::id, event.id, kIdBytesMax));
  SLIPSTREAM_TRY(check("source", FieldShape::id, event.source, kSourceBytesMax));
  SLIPSTREAM_TRY(check("actor", FieldShape::text, event.actor, kIdBytesMax));
  SLIPSTREAM_TRY(check("supersedes", FieldShape::text, event.supersedes, kIdBytesMax));
  if (event.entity_version && *event.entity_version < 0)
    return refuse(definition, "entity_version", ErrorCode::number_out_of_range, "is negative");
  for (const auto& [name, instant] :
       {std::pair{"time", event.time}, std::pair{"effective_at", event.effective_at},
        std::pair{"recorded_at", event.recorded_at}})
    if (!is_representable(instant))
      return refuse(definition, name, ErrorCode::invalid_timestamp, "is outside the years 1 to 9999");
  return {};
}

Result<> check_subject(const EventDefinition& definition, const Event& event) {
  const Value* field = definition.subject ? event.find(*definition.subject) : nullptr;
  const std::string_view expected = field == nullptr ? std::string_view() : field->as_text();
  if (event.subject == expected) return {};
  return refuse(definition, "subject", ErrorCode::invalid_transition,
                fmt::format("{} differs from the event's {}", in_quotes(event.subject),
                            definition.subject ? name_of(*definition.subject) : "fields"));
}

// Most decimals are in normal form already and of 64 bits, which tells them apart cheaply.
bool is_normal(Decimal number) {
  const auto low = static_cast<std::int64_t>(number.units());
  return number.scale() == 0 || (low == number.units() && low % 10 != 0);
}

void normalize(Value& value) {
  if (value.type() == Type::decimal && !is_normal(value.as_decimal()))
    value = Value::decimal(value.as_decimal().normalized());
}

// Nearly always in order already.
template <class Items, class Before>
void sort_unless_sorted(Items& items, const Before& before) {
  if (!std::is_sorted(items.begin(), items.end(), before)) std::sort(items.begin(), items.end(), before);
}

}  // namespace

tl::unexpected<Error> refuse(const EventDefinition& definition, std::string_view field, ErrorCode code,
                             std::string_view what) {
  return fail(code, fmt::format("{}: {}: {}", definition.name, field, what));
}

bool is_node_path(std::string_view text) {
  return !text.empty() && text.front() != '/' && text.back() != '/' &&
         text.find("//") == std::string_view::npos;
}

Result<std::int64_t> integer_from(Decimal number) {
  if (const auto integer = number.to_integer()) return *integer;
  if (number.normalized().scale() > 0) return fail(ErrorCode::wrong_type, "is not an integer");
  return fail(ErrorCode::number_out_of_range, "is beyond 64 bits");
}

Result<Value> value_from_text(const EventDefinition& definition, const FieldUse& use, std::string_view text,
                              const Zone& zone) {
  const auto bad = [&](ErrorCode code, std::string_view expected) {
    return refuse(definition, use.name, code, fmt::format("{} is not {}", in_quotes(text), expected));
  };
  switch (type_of(use.shape)) {
    case Type::decimal:
    case Type::integer: {
      const auto number = Decimal::parse(text);
      if (!number && number.error().code == ErrorCode::number_out_of_range)
        return bad(ErrorCode::number_out_of_range, "a number of at most 38 digits and 18 decimals");
      if (!number) return bad(ErrorCode::wrong_type, "a number");
      if (use.shape == FieldShape::decimal) return Value::decimal(*number);
      const auto integer = integer_from(*number);
      if (!integer) return bad(integer.error().code, "an integer of 64 bits");
      return Value::integer(*integer);
    }
    case Type::boolean:
      if (text != "true" && text != "false") return bad(ErrorCode::wrong_type, "true or false");
      return Value::boolean(text == "true");
    case Type::timestamp: {
      const auto t =
          use.shape == FieldShape::deadline ? parse_deadline(text, zone) : parse_timestamp(text, &zone);
      if (!t) return bad(ErrorCode::invalid_timestamp, "an RFC 3339 time or a date of the years 1 to 9999");
      return Value::timestamp(*t);
    }
    case Type::interval: {
      const auto interval = parse_interval(text);
      if (!interval) return bad(ErrorCode::wrong_type, "an interval like \"3 days\"");
      return Value::interval(*interval);
    }
    default:
      return Value::text(text);
  }
}

Result<> check_list_item(const EventDefinition& definition, const FieldUse& use, std::string_view item) {
  return check_text(definition, use.name, item_shape(use.shape), item, use.definition->bytes_max);
}

Result<> check_shares(const EventDefinition& definition, const FieldUse& use,
                      std::span<const Decimal> shares) {
  std::optional<Decimal> sum = Decimal(0);
  for (const Decimal share : shares) {
    if (share.sign() < 0)
      return refuse(definition, use.name, ErrorCode::number_out_of_range, share.to_string() + " is negative");
    if (sum) sum = Decimal::add(*sum, share);
  }
  if (sum && *sum == Decimal(1)) return {};
  return refuse(definition, use.name, ErrorCode::invalid_transition,
                fmt::format("the sum is {}, not 1", sum ? sum->to_string() : "beyond 38 digits"));
}

Result<> check_field(const EventDefinition& definition, const FieldUse& use, const Value& value) {
  if (value.type() != type_of(use.shape))
    return refuse(definition, use.name, ErrorCode::wrong_type,
                  fmt::format("is {}, not {}", name_of(value.type()), name_of(type_of(use.shape))));
  switch (use.shape) {
    case FieldShape::id:
    case FieldShape::node:
    case FieldShape::text:
      return check_text(definition, use.name, use.shape, value.as_text(), use.definition->bytes_max);
    case FieldShape::choice:
      return check_choice(definition, use, value.as_text());
    case FieldShape::decimal:
      return check_number(definition, use, value.as_decimal());
    case FieldShape::integer:
      if (is_inside(value.as_integer(), use.definition->bounds)) return {};
      return check_number(definition, use, Decimal(value.as_integer()));
    case FieldShape::timestamp:
    case FieldShape::deadline:
      if (is_representable(value.as_timestamp())) return {};
      return refuse(definition, use.name, ErrorCode::invalid_timestamp, "is outside the years 1 to 9999");
    case FieldShape::boolean:
      return {};
    case FieldShape::interval:
      return check_interval(definition, use, value.as_interval());
    default:
      return check_list(definition, use, value.as_text());
  }
}

Result<> check_attribute(const EventDefinition& definition, std::string_view name, const Value& value) {
  if (name.empty()) return refuse(definition, "data", ErrorCode::malformed_record, "a member has no name");
  if (name.size() > kAttributeNameBytesMax)
    return check_length(definition, in_quotes(name), name, kAttributeNameBytesMax);
  if (is_envelope_member(name) || find_field_use(definition, name) != nullptr)
    return refuse(definition, name, ErrorCode::malformed_record, "is a field of the event, not an attribute");
  if (value.type() == Type::text) {
    if (value.as_text().size() <= kAttributeTextBytesMax) return {};
    return check_length(definition, in_quotes(name), value.as_text(), kAttributeTextBytesMax);
  }
  if (value.type() == Type::boolean || value.type() == Type::integer || value.type() == Type::decimal)
    return {};
  return refuse(definition, in_quotes(name), ErrorCode::wrong_type, "is neither boolean, number nor text");
}

Result<> check_rules(const EventDefinition& definition, const Event& event) {
  SLIPSTREAM_TRY(check_required(definition, event));
  if (definition.kind == EventKind::observation) return {};
  SLIPSTREAM_TRY(check_pairs(definition, event));
  SLIPSTREAM_TRY(check_bounds(definition, event));
  return check_successors(definition, event);
}

Result<> check_event(const Event& event) {
  const EventDefinition& definition = definition_of(event.type);
  SLIPSTREAM_TRY(check_envelope(definition, event));
  for (std::size_t i = 0; i < event.fields.size(); ++i) {
    const auto& [field, value] = event.fields[i];
    const FieldUse* use = find_field_use(definition, field);
    if (use == nullptr)
      return refuse(definition, name_of(field), ErrorCode::unknown_name, "is no field of this event type");
    if (event.find(field) != &value)
      return refuse(definition, name_of(field), ErrorCode::malformed_record, "is given twice");
    SLIPSTREAM_TRY(check_field(definition, *use, value));
    if (value.type() == Type::text) SLIPSTREAM_TRY(check_characters(definition, use->name, value.as_text()));
  }
  if (event.attributes.size() > kAttributesMax)
    return refuse(definition, "data", ErrorCode::record_too_large,
                  fmt::format("more than {} attributes", kAttributesMax));
  for (const auto& [name, value] : event.attributes) {
    SLIPSTREAM_TRY(check_characters(definition, "attribute name", name));
    SLIPSTREAM_TRY(check_attribute(definition, name, value));
    if (event.find_attribute(name) != &value)
      return refuse(definition, name, ErrorCode::malformed_record, "is given twice");
    if (value.type() == Type::text) SLIPSTREAM_TRY(check_characters(definition, name, value.as_text()));
  }
  SLIPSTREAM_TRY(check_rules(definition, event));
  return check_subject(definition, event);
}

void put_in_order(Event& event) {
  sort_unless_sorted(event.fields,
                     [](const EventField& a, const EventField& b) { return a.field < b.field; });
  sort_unless_sorted(event.attributes,
                     [](const EventAttribute& a, const EventAttribute& b) { return a.name < b.name; });
  for (EventField& field : event.fields)
    normalize(field.value);
  for (EventAttribute& attribute : event.attributes)
    normalize(attribute.value);
}

}  // namespace slipstream
