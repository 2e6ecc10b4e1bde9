#include "engine/decode/flatbuffers_event.h"

#include <fmt/format.h>

#include <cstring>

#include "engine/decode/field_rules.h"
#include "engine/decode/json_text.h"
#include "engine/decode/list_field.h"
#include "engine/decode/wire_fields.h"

namespace slipstream {
namespace {

constexpr flatbuffers::uoffset_t kDepthMax = 8;
constexpr flatbuffers::uoffset_t kTablesMax = 4096;
constexpr std::size_t kIdentifierAt = sizeof(flatbuffers::uoffset_t);
constexpr std::string_view kTooManyDigits = "has more than 38 digits or 18 decimals";
constexpr std::string_view kNotPlainText = "is not UTF-8 without NUL characters";
constexpr std::size_t kHeaderBytes = kIdentifierAt + flatbuffers::kFileIdentifierLength;

using Table = flatbuffers::Table;
using TextVector = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

bool is_aligned(const char* bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes) % alignof(std::uint64_t) == 0;
}

// One verified buffer being read.
class WireReader {
 public:
  // `base`: the buffer as verified; `record`: the same bytes where views shall point to.
  WireReader(const char* base, std::string_view record, Arena& arena, EventBuilder& builder)
      : base_(base), record_(record), arena_(arena), builder_(builder) {}

  Result<> read(const wire::Event& event) {
    SLIPSTREAM_TRY(read_type(event));
    SLIPSTREAM_TRY(read_envelope(event));
    if (builder_.definition() == nullptr) return {};  // finish() says that the type is missing
    SLIPSTREAM_TRY(read_data(event));
    return read_attributes(event);
  }

 private:
  Result<> read_type(const wire::Event& event) {
    const auto number = static_cast<std::uint8_t>(event.type());
    if (number == 0) return {};
    const auto type = event_type_of(number);
    if (!type)
      return builder_.refuse("type", ErrorCode::unknown_event_type,
                             fmt::format("{} is no event type", number));
    return builder_.set_type(*type);
  }

  Result<> read_envelope(const wire::Event& event) {
    SLIPSTREAM_TRY(set(EnvelopeText::id, "id", event.id()));
    SLIPSTREAM_TRY(set(EnvelopeText::source, "source", event.source()));
    SLIPSTREAM_TRY(set(EnvelopeText::subject, "subject", event.subject()));
    SLIPSTREAM_TRY(set(EnvelopeText::actor, "actor", event.actor()));
    SLIPSTREAM_TRY(set(EnvelopeText::supersedes, "supersedes", event.supersedes()));
    SLIPSTREAM_TRY(set(EnvelopeTime::time, event.time()));
    SLIPSTREAM_TRY(set(EnvelopeTime::effective_at, event.effective_at()));
    SLIPSTREAM_TRY(set(EnvelopeTime::recorded_at, event.recorded_at()));
    if (const auto version = event.entity_version()) SLIPSTREAM_TRY(builder_.set_entity_version(*version));
    if (event.traceparent() != nullptr) builder_.set_traceparent(in_record(*event.traceparent()));
    return {};
  }

  Result<> set(EnvelopeText member, std::string_view name, const flatbuffers::String* text) {
    if (text == nullptr) return {};
    SLIPSTREAM_ASSIGN(const std::string_view checked, checked_text(name, *text));
    return builder_.set(member, checked);
  }
  Result<> set(EnvelopeTime member, flatbuffers::Optional<std::int64_t> us) {
    if (!us) return {};
    return builder_.set(member, Timestamp{*us});
  }

  std::string_view in_record(const flatbuffers::String& text) const {
    return record_.substr(static_cast<std::size_t>(text.c_str() - base_), text.size());
  }

  Result<std::string_view> checked_text(std::string_view name, const flatbuffers::String& text) const {
    const std::string_view bytes = in_record(text);
    if (is_plain_text(bytes)) return bytes;
    return builder_.refuse(name, ErrorCode::invalid_utf8, kNotPlainText);
  }

  Result<> read_data(const wire::Event& event) {
    const EventDefinition& definition = *builder_.definition();
    if (event.data_type() == wire::EventData::NONE) return {};
    if (event.data_type() != wire_family(definition.family) || event.data() == nullptr)
      return builder_.refuse("data", ErrorCode::wrong_type,
                             fmt::format("is not the table {}", name_of(definition.family)));
    const auto& table = *static_cast<const Table*>(event.data());
    for (const WireField wire_field : wire_fields(definition.family)) {
      if (!table.CheckField(wire_field.at)) continue;
      const FieldUse* use = find_field_use(definition, wire_field.field);
      SLIPSTREAM_TRY(use != nullptr
                         ? read_field(*use, table, wire_field.at)
                         : read_as_attribute(definition_of(wire_field.field), table, wire_field.at));
    }
    return {};
  }

  Result<Value> read_value(std::string_view name, FieldShape shape, const Table& table,
                           flatbuffers::voffset_t at) const {
    switch (type_of(shape)) {
      case Type::boolean:
        return Value::boolean(table.GetField<std::uint8_t>(at, 0) != 0);
      case Type::integer:
        return Value::integer(table.GetField<std::int64_t>(at, 0));
      case Type::timestamp:
        return Value::timestamp({table.GetField<std::int64_t>(at, 0)});
      case Type::decimal:
        return read_decimal(name, *table.GetStruct<const wire::Decimal*>(at));
      case Type::interval: {
        const auto& interval = *table.GetStruct<const wire::Interval*>(at);
        return Value::interval({interval.months(), interval.days(), interval.microseconds()});
      }
      default: {
        SLIPSTREAM_ASSIGN(const std::string_view text,
                          checked_text(name, *table.GetPointer<const flatbuffers::String*>(at)));
        return Value::text(text);
      }
    }
  }

  Result<Value> read_decimal(std::string_view name, const wire::Decimal& number) const {
    SLIPSTREAM_ASSIGN(const Decimal decimal, checked_decimal(name, number));
    return Value::decimal(decimal);
  }

  Result<Decimal> checked_decimal(std::string_view name, const wire::Decimal& number) const {
    if (fits(number)) return decimal_from(number);
    return builder_.refuse(name, ErrorCode::number_out_of_range, kTooManyDigits);
  }

  static bool fits(const wire::Decimal& number) {
    constexpr Int128 kBillion = 1'000'000'000;
    constexpr Int128 kLimit = kBillion * kBillion * kBillion * kBillion * 100;  // 10^38
    if (number.scale() < 0 || number.scale() > Decimal::kScaleMax) return false;
    const Int128 units = decimal_from(number).units();
    return units < kLimit && units > -kLimit;
  }

  Result<> read_field(const FieldUse& use, const Table& table, flatbuffers::voffset_t at) {
    if (is_list(use.shape)) return read_list(use, table, at);
    auto value = read_value(use.name, use.shape, table, at);
    if (!value) return tl::unexpected<Error>(std::move(value).error());
    return builder_.add(use, *value);
  }

  // The family has the field, this event type does not: the same as an unknown member of JSON data.
  Result<> read_as_attribute(const FieldDefinition& field, const Table& table, flatbuffers::voffset_t at) {
    if (is_list(field.shape))
      return builder_.refuse(field.name, ErrorCode::wrong_type,
                             "is a list that this event type does not have");
    SLIPSTREAM_ASSIGN(const Value value, read_value(field.name, field.shape, table, at));
    if (value.type() == Type::timestamp) {
      if (!is_representable(value.as_timestamp()))
        return builder_.refuse(field.name, ErrorCode::invalid_timestamp, "is outside the years 1 to 9999");
      return builder_.add_attribute(field.name,
                                    Value::text(arena_.keep(format_timestamp(value.as_timestamp()))));
    }
    if (value.type() == Type::interval)
      return builder_.add_attribute(field.name,
                                    Value::text(arena_.keep(format_interval(value.as_interval()))));
    return builder_.add_attribute(field.name, value);
  }

  Result<> read_list(const FieldUse& use, const Table& table, flatbuffers::voffset_t at) {
    SLIPSTREAM_ASSIGN(std::string canonical, list_text(use, table, at));
    return builder_.add_checked_list(use, arena_.keep(std::move(canonical)));
  }

  Result<std::string> list_text(const FieldUse& use, const Table& table, flatbuffers::voffset_t at) {
    switch (use.shape) {
      case FieldShape::decimals:
        return decimal_list(use, *table.GetPointer<const flatbuffers::Vector<const wire::Decimal*>*>(at));
      case FieldShape::days:
        return day_list(
            use, *table.GetPointer<const flatbuffers::Vector<flatbuffers::Offset<wire::CalendarDay>>*>(at));
      default:
        return text_list(use, *table.GetPointer<const TextVector*>(at));
    }
  }

  Result<> check_count(const FieldUse& use, std::size_t count) const {
    if (count <= kListItemsMax) return {};
    return builder_.refuse(use.name, ErrorCode::record_too_large,
                           fmt::format("more than {} items", kListItemsMax));
  }

  Result<std::string> text_list(const FieldUse& use, const TextVector& wire_items) {
    SLIPSTREAM_TRY(check_count(use, wire_items.size()));
    std::vector<std::string> items;
    for (const flatbuffers::String* item : wire_items) {
      // The length first: many items may share one string, so that a small record means many bytes.
      SLIPSTREAM_TRY(check_list_item(*builder_.definition(), use, in_record(*item)));
      SLIPSTREAM_ASSIGN(const std::string_view text, checked_text(use.name, *item));
      items.emplace_back(text);
    }
    return format_text_list(items);
  }

  Result<std::string> decimal_list(const FieldUse& use,
                                   const flatbuffers::Vector<const wire::Decimal*>& wire_items) {
    SLIPSTREAM_TRY(check_count(use, wire_items.size()));
    // The verifier looks at where a struct stands, but not at where a vector of them does.
    if (!is_aligned(reinterpret_cast<const char*>(wire_items.Data())))
      return builder_.refuse(use.name, ErrorCode::malformed_record,
                             "has items that do not stand at a multiple of 8 bytes");
    std::vector<Decimal> items;
    for (const wire::Decimal* item : wire_items) {
      SLIPSTREAM_ASSIGN(const Decimal number, checked_decimal(use.name, *item));
      items.push_back(number);
    }
    SLIPSTREAM_TRY(check_shares(*builder_.definition(), use, items));
    return format_decimal_list(items);
  }

  Result<std::string> day_list(
      const FieldUse& use, const flatbuffers::Vector<flatbuffers::Offset<wire::CalendarDay>>& wire_items) {
    SLIPSTREAM_TRY(check_count(use, wire_items.size()));
    std::vector<CalendarDay> items;
    for (const wire::CalendarDay* item : wire_items) {
      CalendarDay& day = items.emplace_back();
      day.date = civil_from_days(item->date());
      if (day.date.year < 1 || day.date.year > 9999)
        return builder_.refuse(use.name, ErrorCode::invalid_timestamp,
                               "a day is outside the years 1 to 9999");
      day.working = item->working();
      if (item->name() == nullptr) continue;
      if (item->name()->size() > use.definition->bytes_max)
        return builder_.refuse(use.name, ErrorCode::record_too_large, "a day's name is too long");
      SLIPSTREAM_ASSIGN(const std::string_view name, checked_text(use.name, *item->name()));
      day.name = name;
    }
    return format_day_list(items);
  }

  Result<> read_attributes(const wire::Event& event) {
    if (event.attributes() == nullptr) return {};
    for (const wire::Attribute* attribute : *event.attributes()) {
      if (attribute->name() == nullptr)
        return builder_.refuse("attributes", ErrorCode::malformed_record, "an attribute has no name");
      if (attribute->name()->size() > kAttributeNameBytesMax)
        return builder_.refuse("attributes", ErrorCode::record_too_large, "an attribute's name is too long");
      SLIPSTREAM_ASSIGN(const std::string_view name, checked_text("attribute name", *attribute->name()));
      SLIPSTREAM_ASSIGN(const Value value, read_attribute_value(name, *attribute));
      SLIPSTREAM_TRY(builder_.add_attribute(name, value));
    }
    return {};
  }

  Result<Value> read_attribute_value(std::string_view name, const wire::Attribute& attribute) const {
    if (attribute.value() == nullptr) return Value::null();
    switch (attribute.value_type()) {
      case wire::AttributeValue::NONE:
        return Value::null();
      case wire::AttributeValue::Boolean:
        return Value::boolean(attribute.value_as_Boolean()->value());
      case wire::AttributeValue::Integer:
        return Value::integer(attribute.value_as_Integer()->value());
      case wire::AttributeValue::Number:
        if (attribute.value_as_Number()->value() == nullptr) return Value::null();
        if (fits(*attribute.value_as_Number()->value()))
          return Value::decimal(decimal_from(*attribute.value_as_Number()->value()));
        return builder_.refuse(in_quotes(name), ErrorCode::number_out_of_range, kTooManyDigits);
      case wire::AttributeValue::Text:
        if (attribute.value_as_Text()->value() == nullptr) return Value::null();
        return read_text_value(name, *attribute.value_as_Text()->value());
    }
    return builder_.refuse(in_quotes(name), ErrorCode::wrong_type, "is neither boolean, number nor text");
  }

  Result<Value> read_text_value(std::string_view name, const flatbuffers::String& text) const {
    if (text.size() > kAttributeTextBytesMax)
      return builder_.refuse(
          in_quotes(name), ErrorCode::record_too_large,
          fmt::format("{} bytes, at most {} are taken", text.size(), kAttributeTextBytesMax));
    const std::string_view bytes = in_record(text);
    if (is_plain_text(bytes)) return Value::text(bytes);
    return builder_.refuse(in_quotes(name), ErrorCode::invalid_utf8, kNotPlainText);
  }

  const char* base_;
  std::string_view record_;
  Arena& arena_;
  EventBuilder& builder_;
};

}  // namespace

bool is_flatbuffers_event(std::string_view bytes) {
  // The first four bytes are an offset into the buffer: its high byte is 0, and no JSON text has a NUL byte.
  return bytes.size() >= kHeaderBytes && bytes[3] == '\0' &&
         bytes.substr(kIdentifierAt, flatbuffers::kFileIdentifierLength) == wire::EventIdentifier();
}

Result<> FlatbuffersEventReader::read(std::string_view bytes, EventBuilder& builder) {
  const char* base = bytes.data();
  if (!is_aligned(base)) {
    const std::size_t words = bytes.size() / sizeof(std::uint64_t) + 1;
    if (aligned_.size() < words) aligned_.resize(words);
    std::memcpy(aligned_.data(), bytes.data(), bytes.size());
    base = reinterpret_cast<const char*>(aligned_.data());
  }
  const auto* start = reinterpret_cast<const std::uint8_t*>(base);
  flatbuffers::Verifier verifier(start, bytes.size(), kDepthMax, kTablesMax);
  if (!wire::VerifyEventBuffer(verifier))
    return builder.refuse("record", ErrorCode::malformed_record,
                          "is not a valid FlatBuffer of schemas/event.fbs");
  return WireReader(base, bytes, arena_, builder).read(*wire::GetEvent(start));
}

}  // namespace slipstream
