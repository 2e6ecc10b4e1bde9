#include "engine/decode/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "engine/decode/event_builder.h"
#include "engine/decode/flatbuffers_event.h"
#include "engine/decode/json_event.h"
#include "engine/decode/json_text.h"
#include "engine/decode/media_type.h"

namespace slipstream {
namespace {

constexpr std::string_view kPrefix = "ce_";  // CloudEvents' Kafka binding, binary mode
constexpr std::string_view kStructuredJson = "application/cloudevents+json";
constexpr std::string_view kCloudEvents = "application/cloudevents";

const std::string* find_header(std::span<const Header> headers, std::string_view name) {
  for (const Header& header : headers)
    if (header.name == name) return &header.value;
  return nullptr;
}

bool has_binary_mode_headers(std::span<const Header> headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const Header& header) { return header.name.starts_with(kPrefix); });
}

bool is_json_object(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{';
}

std::size_t record_bytes(const RecordView& record) {
  std::size_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers)
    bytes += header.name.size() + header.value.size();
  return bytes;
}

Result<> set_entity_version(std::string_view text, EventBuilder& builder) {
  const auto number = Decimal::parse(text);
  const auto integer = number ? number->to_integer() : std::nullopt;
  if (!integer)
    return builder.refuse("entity_version", ErrorCode::wrong_type,
                          in_quotes(text) + " is not an integer of 64 bits");
  return builder.set_entity_version(*integer);
}

// One CloudEvents attribute from its header; `name` without the prefix.
Result<> set_from_header(std::string_view name, std::string_view value, EventBuilder& builder) {
  if (!is_plain_text(value))
    return builder.refuse(in_quotes(name), ErrorCode::invalid_utf8, "is not UTF-8 without NUL characters");
  if (name == "type") return builder.set_type(value);
  if (name == "id") return builder.set(EnvelopeText::id, value);
  if (name == "source") return builder.set(EnvelopeText::source, value);
  if (name == "subject") return builder.set(EnvelopeText::subject, value);
  if (name == "actor") return builder.set(EnvelopeText::actor, value);
  if (name == "supersedes") return builder.set(EnvelopeText::supersedes, value);
  if (name == "time") return builder.set_time_text(EnvelopeTime::time, value);
  if (name == "effectiveat") return builder.set_time_text(EnvelopeTime::effective_at, value);
  if (name == "recordedat") return builder.set_time_text(EnvelopeTime::recorded_at, value);
  if (name == "entityversion") return set_entity_version(value, builder);
  if (name == "traceparent") builder.set_traceparent(value);
  if (name == "specversion" && value != "1.0")
    return builder.refuse(name, ErrorCode::malformed_record, in_quotes(value) + " is not \"1.0\"");
  return {};
}

Result<> read_headers(std::span<const Header> headers, EventBuilder& builder) {
  for (auto header = headers.begin(); header != headers.end(); ++header) {
    if (!header->name.starts_with(kPrefix)) continue;
    const std::string_view name = std::string_view(header->name).substr(kPrefix.size());
    const auto repeats = [&](const Header& other) { return other.name == header->name; };
    if (std::any_of(headers.begin(), header, repeats))
      return builder.refuse(in_quotes(name), ErrorCode::malformed_record, "the header is given twice");
    SLIPSTREAM_TRY(set_from_header(name, header->value, builder));
  }
  if (find_header(headers, "ce_specversion") == nullptr)
    return builder.refuse("specversion", ErrorCode::missing_field,
                          "is missing; CloudEvents need the header ce_specversion");
  return {};
}

}  // namespace

struct Decoder::Parts {
  explicit Parts(DecodeOptions decode_options) : options(std::move(decode_options)) {}

  Result<> read(const RecordView& record, EventBuilder& builder) {
    const std::string* content_type = find_header(record.headers, "content-type");
    const std::string type = content_type == nullptr ? std::string() : media_type(*content_type);
    if (type.starts_with(kCloudEvents) && type != kStructuredJson)
      return builder.refuse("content-type", ErrorCode::malformed_record,
                            fmt::format("{} is not read; use {}", in_quotes(type), kStructuredJson));
    if (type != kStructuredJson && has_binary_mode_headers(record.headers))
      return read_binary_mode(record, builder);
    if (type != kStructuredJson && is_flatbuffers_event(record.value))
      return flatbuffers.read(record.value, builder);
    if (is_json_object(record.value)) return json.read_structured(record.value, builder);
    return builder.refuse("record", ErrorCode::malformed_record,
                          "is neither a FlatBuffer SLEV nor a CloudEvents JSON object");
  }

  Result<> read_binary_mode(const RecordView& record, EventBuilder& builder) {
    SLIPSTREAM_TRY(read_headers(record.headers, builder));
    if (is_flatbuffers_event(record.value)) return flatbuffers.read(record.value, builder);
    if (builder.definition() == nullptr)
      return builder.refuse("type", ErrorCode::missing_field, "is missing");
    if (record.value.empty()) return {};
    if (is_json_object(record.value)) return json.read_data(record.value, builder);
    return builder.refuse("data", ErrorCode::malformed_record,
                          "is neither a JSON object nor a FlatBuffer SLEV");
  }

  DecodeOptions options;
  Arena arena;
  JsonEventReader json{arena};
  FlatbuffersEventReader flatbuffers{arena};
};

Decoder::Decoder(DecodeOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Result<> Decoder::decode(const RecordView& record, Timestamp clock, Event& out) {
  EventBuilder builder(parts_->options, clock, out);
  if (record_bytes(record) > parts_->options.record_bytes_max)
    return builder.refuse("record", ErrorCode::record_too_large,
                          fmt::format("has more than {} bytes", parts_->options.record_bytes_max));
  if (record.tombstone)
    return builder.refuse("record", ErrorCode::malformed_record, "is a tombstone; an event has a value");
  SLIPSTREAM_TRY(parts_->read(record, builder));
  const std::string* trace = find_header(record.headers, "traceparent");
  if (trace != nullptr) builder.set_traceparent(*trace);
  return builder.finish();
}

void Decoder::release() { parts_->arena.clear(); }

}  // namespace slipstream
