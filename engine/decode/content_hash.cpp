#include "engine/decode/content_hash.h"

#include <bit>
#include <cstring>

#include "engine/base/hash.h"

namespace slipstream {
namespace {

static_assert(std::endian::native == std::endian::little, "the layout is little-endian");

enum class Tag : std::uint8_t { boolean = 1, number = 2, text = 3, timestamp = 4, interval = 5 };

template <class Number>
void append(std::string& out, Number number) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &number, sizeof(Number));
  out.append(bytes, sizeof(Number));
}

void append_text(std::string& out, std::string_view text) {
  append(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

void append_number(std::string& out, Decimal number) {
  const Decimal normal = number.scale() > 0 ? number.normalized() : number;
  append(out, Tag::number);
  append(out, static_cast<std::uint8_t>(normal.scale()));
  append(out, normal.units());
}

void append_hashed(std::string& out, const Value& value) {
  switch (value.type()) {
    case Type::null:
      break;
    case Type::boolean:
      append(out, Tag::boolean);
      append(out, static_cast<std::uint8_t>(value.as_boolean()));
      break;
    case Type::integer:
      append_number(out, Decimal(value.as_integer()));
      break;
    case Type::decimal:
      append_number(out, value.as_decimal());
      break;
    case Type::text:
      append(out, Tag::text);
      append_text(out, value.as_text());
      break;
    case Type::timestamp:
      append(out, Tag::timestamp);
      append(out, value.as_timestamp().us);
      break;
    case Type::interval:
      append(out, Tag::interval);
      append(out, value.as_interval().months);
      append(out, value.as_interval().days);
      append(out, value.as_interval().us);
      break;
  }
}

}  // namespace

std::uint64_t content_hash(const Event& event, std::string& scratch) {
  scratch.clear();
  append(scratch, event.type);
  append(scratch, event.time.us);
  append(scratch, event.effective_at.us);
  append(scratch, event.recorded_at.us);
  append(scratch, static_cast<std::uint8_t>(event.entity_version.has_value()));
  append(scratch, event.entity_version.value_or(0));
  append_text(scratch, event.actor);
  append_text(scratch, event.supersedes);
  for (const EventField& field : event.fields) {
    append(scratch, field.field);
    append_hashed(scratch, field.value);
  }
  scratch += '\xFF';
  for (const EventAttribute& attribute : event.attributes) {
    append_text(scratch, attribute.name);
    append_hashed(scratch, attribute.value);
  }
  return hash64(scratch);
}

}  // namespace slipstream
