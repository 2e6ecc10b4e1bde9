#include <fmt/format.h>

#include "engine/decode/catalogue.h"
#include "engine/decode/encoder.h"
#include "engine/decode/field_rules.h"
#include "engine/decode/list_field.h"

namespace slipstream {
namespace {

// Writes the members of one JSON object.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    start(name);
    append_json_string(out_, value);
  }
  void text_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void raw(std::string_view name, std::string_view value) {
    start(name);
    out_ += value;
  }
  void start(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    out_ += ':';
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// Keeps the three parts as they are; format_interval would turn 24 hours into a day. No part is negative.
std::string interval_text(Interval interval) {
  const std::int64_t whole = interval.us / 1'000'000;
  return fmt::format("{} mons {} days {:02}:{:02}:{:02}.{:06}", interval.months, interval.days, whole / 3600,
                     whole / 60 % 60, whole % 60, interval.us % 1'000'000);
}

void write_value(ObjectWriter& object, std::string_view name, const Value& value, bool is_json) {
  switch (value.type()) {
    case Type::null:
      return object.raw(name, "null");
    case Type::boolean:
      return object.raw(name, value.as_boolean() ? "true" : "false");
    case Type::integer:
      return object.raw(name, std::to_string(value.as_integer()));
    case Type::decimal:
      return object.raw(name, value.as_decimal().to_string());
    case Type::text:
      return is_json ? object.raw(name, value.as_text()) : object.text(name, value.as_text());
    case Type::timestamp:
      return object.text(name, format_timestamp(value.as_timestamp()));
    case Type::interval:
      return object.text(name, interval_text(value.as_interval()));
  }
}

// A decimal without fraction keeps a point, or it would come back as an integer.
void write_attribute(ObjectWriter& object, const EventAttribute& attribute) {
  if (attribute.value.type() != Type::decimal)
    return write_value(object, attribute.name, attribute.value, false);
  std::string number = attribute.value.as_decimal().normalized().to_string();
  if (number.find('.') == std::string::npos) number += ".0";
  object.raw(attribute.name, number);
}

void write_data(std::string& out, const Event& event) {
  const EventDefinition& definition = definition_of(event.type);
  ObjectWriter data(out);
  for (const EventField& field : event.fields)
    write_value(data, name_of(field.field), field.value,
                is_list(find_field_use(definition, field.field)->shape));
  if (event.effective_at != event.time) data.text("effective_at", format_timestamp(event.effective_at));
  if (event.recorded_at != event.time) data.text("recorded_at", format_timestamp(event.recorded_at));
  if (event.entity_version) data.raw("entity_version", std::to_string(*event.entity_version));
  data.text_unless_empty("actor", event.actor);
  data.text_unless_empty("supersedes", event.supersedes);
  for (const EventAttribute& attribute : event.attributes)
    write_attribute(data, attribute);
  data.end();
}

}  // namespace

Result<std::string> encode_json(const Event& event) {
  SLIPSTREAM_TRY(check_event(event));
  std::string out;
  out.reserve(512);
  ObjectWriter envelope(out);
  envelope.text("specversion", "1.0");
  envelope.text("id", event.id);
  envelope.text("source", event.source);
  envelope.text("type", name_of(event.type));
  envelope.text_unless_empty("subject", event.subject);
  envelope.text("time", format_timestamp(event.time));
  envelope.text("datacontenttype", "application/json");
  envelope.text_unless_empty("traceparent", event.traceparent);
  envelope.start("data");
  write_data(out, event);
  envelope.end();
  return out;
}

}  // namespace slipstream
