#include <vector>

#include "engine/decode/encoder.h"
#include "engine/decode/field_rules.h"
#include "engine/decode/list_field.h"
#include "engine/decode/wire_fields.h"

namespace slipstream {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;

flatbuffers::Offset<flatbuffers::String> write_unless_empty(FlatBufferBuilder& builder,
                                                            std::string_view text) {
  return text.empty() ? flatbuffers::Offset<flatbuffers::String>() : write_text(builder, text);
}

Result<uoffset_t> write_list(FlatBufferBuilder& builder, FieldShape shape, std::string_view canonical) {
  if (shape == FieldShape::decimals) {
    SLIPSTREAM_ASSIGN(const auto items, read_decimal_list(canonical));
    std::vector<wire::Decimal> numbers;
    for (const Decimal item : items)
      numbers.push_back(wire_decimal(item));
    return builder.CreateVectorOfStructs(numbers).o;
  }
  if (shape == FieldShape::days) {
    SLIPSTREAM_ASSIGN(const auto items, read_day_list(canonical));
    std::vector<flatbuffers::Offset<wire::CalendarDay>> days;
    for (const CalendarDay& day : items) {
      const auto name = write_unless_empty(builder, day.name);
      days.push_back(wire::CreateCalendarDay(builder, static_cast<std::int32_t>(days_since_epoch(day.date)),
                                             day.working, name));
    }
    return builder.CreateVector(days).o;
  }
  SLIPSTREAM_ASSIGN(const auto items, read_text_list(canonical));
  return builder.CreateVectorOfStrings(items).o;
}

void write_inline(FlatBufferBuilder& builder, flatbuffers::voffset_t at, const Value& value) {
  switch (value.type()) {
    case Type::boolean:
      builder.AddElement<std::uint8_t>(at, value.as_boolean() ? 1 : 0);
      break;
    case Type::integer:
      builder.AddElement<std::int64_t>(at, value.as_integer());
      break;
    case Type::timestamp:
      builder.AddElement<std::int64_t>(at, value.as_timestamp().us);
      break;
    case Type::decimal: {
      const wire::Decimal number = wire_decimal(value.as_decimal());
      builder.AddStruct(at, &number);
      break;
    }
    case Type::interval: {
      const Interval& interval = value.as_interval();
      const wire::Interval written(interval.us, interval.months, interval.days);
      builder.AddStruct(at, &written);
      break;
    }
    default:
      break;
  }
}

// Texts and lists stand before the table that refers to them.
Result<uoffset_t> write_data(FlatBufferBuilder& builder, const Event& event,
                             const EventDefinition& definition) {
  struct Reference {
    flatbuffers::voffset_t at;
    uoffset_t target;
  };
  std::vector<Reference> references;
  const auto wire = wire_fields(definition.family);
  for (const WireField wire_field : wire) {
    const Value* value = event.find(wire_field.field);
    if (value == nullptr || value->type() != Type::text) continue;
    const FieldShape shape = find_field_use(definition, wire_field.field)->shape;
    uoffset_t target = 0;
    if (is_list(shape)) {
      SLIPSTREAM_ASSIGN(target, write_list(builder, shape, value->as_text()));
    } else {
      target = write_text(builder, value->as_text()).o;
    }
    references.push_back({wire_field.at, target});
  }
  const uoffset_t start = builder.StartTable();
  for (const Reference reference : references)
    builder.AddOffset(reference.at, flatbuffers::Offset<void>(reference.target));
  for (const WireField wire_field : wire)
    if (const Value* value = event.find(wire_field.field)) write_inline(builder, wire_field.at, *value);
  return builder.EndTable(start);
}

flatbuffers::Offset<wire::Attribute> write_attribute(FlatBufferBuilder& builder,
                                                     const EventAttribute& attribute) {
  const auto name = write_text(builder, attribute.name);
  switch (attribute.value.type()) {
    case Type::boolean:
      return wire::CreateAttribute(builder, name, wire::AttributeValue::Boolean,
                                   wire::CreateBoolean(builder, attribute.value.as_boolean()).Union());
    case Type::integer:
      return wire::CreateAttribute(builder, name, wire::AttributeValue::Integer,
                                   wire::CreateInteger(builder, attribute.value.as_integer()).Union());
    case Type::decimal: {
      const wire::Decimal number = wire_decimal(attribute.value.as_decimal());
      return wire::CreateAttribute(builder, name, wire::AttributeValue::Number,
                                   wire::CreateNumber(builder, &number).Union());
    }
    default:
      break;
  }
  const auto text = write_text(builder, attribute.value.as_text());
  return wire::CreateAttribute(builder, name, wire::AttributeValue::Text,
                               wire::CreateText(builder, text).Union());
}

flatbuffers::Optional<std::int64_t> unless_equal(Timestamp instant, Timestamp time) {
  if (instant == time) return flatbuffers::nullopt;
  return instant.us;
}

}  // namespace

Result<std::string> encode_flatbuffers(const Event& event) {
  SLIPSTREAM_TRY(check_event(event));
  const EventDefinition& definition = definition_of(event.type);
  FlatBufferBuilder builder(512);
  SLIPSTREAM_ASSIGN(const uoffset_t data, write_data(builder, event, definition));
  std::vector<flatbuffers::Offset<wire::Attribute>> attributes;
  for (const EventAttribute& attribute : event.attributes)
    attributes.push_back(write_attribute(builder, attribute));
  const auto attribute_vector =
      attributes.empty() ? flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Attribute>>>()
                         : builder.CreateVector(attributes);
  const auto id = write_text(builder, event.id);
  const auto source = write_text(builder, event.source);
  const auto subject = write_unless_empty(builder, event.subject);
  const auto actor = write_unless_empty(builder, event.actor);
  const auto supersedes = write_unless_empty(builder, event.supersedes);
  const auto traceparent = write_unless_empty(builder, event.traceparent);
  flatbuffers::Optional<std::int64_t> version;
  if (event.entity_version) version = *event.entity_version;
  builder.Finish(
      wire::CreateEvent(builder, static_cast<wire::EventType>(event.type), id, source, subject, event.time.us,
                        unless_equal(event.effective_at, event.time),
                        unless_equal(event.recorded_at, event.time), version, actor, supersedes, traceparent,
                        wire_family(definition.family), flatbuffers::Offset<void>(data), attribute_vector),
      wire::EventIdentifier());
  return std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

}  // namespace slipstream
