#include "engine/decode/event_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/decode/field_rules.h"
#include "engine/decode/json_text.h"

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 5> kTextNames{"id", "source", "subject", "actor", "supersedes"};
constexpr std::array<std::string_view, 3> kTimeNames{"time", "effective_at", "recorded_at"};
constexpr std::array<std::size_t, 5> kTextBytesMax{kIdBytesMax, kIdBytesMax, kNodeBytesMax, kIdBytesMax,
                                                   kIdBytesMax};
static_assert(static_cast<int>(Field::target_high) < 64, "fields_given_ has a bit for each field");

template <class Member>
constexpr std::uint8_t bit(Member member) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(member));
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// W3C trace context, version 00: "00-" 32 hex "-" 16 hex "-" 2 hex.
bool is_traceparent(std::string_view text) {
  return text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
         is_hex(text.substr(3, 32)) && is_hex(text.substr(36, 16)) && is_hex(text.substr(53, 2));
}

Timestamp plus_saturated(Timestamp t, Duration d) {
  if (d.us > 0 && t.us > Timestamp::max().us - d.us) return Timestamp::max();
  return t + d;
}

void reset(Event& event) {
  event.id = event.source = event.subject = event.actor = event.supersedes = event.traceparent = {};
  event.entity_version.reset();
  event.fields.clear();
  event.attributes.clear();
}

std::string_view& text_of(Event& event, EnvelopeText member) {
  switch (member) {
    case EnvelopeText::id:
      return event.id;
    case EnvelopeText::source:
      return event.source;
    case EnvelopeText::subject:
      return event.subject;
    case EnvelopeText::actor:
      return event.actor;
    case EnvelopeText::supersedes:
      break;
  }
  return event.supersedes;
}

Timestamp& time_of(Event& event, EnvelopeTime member) {
  switch (member) {
    case EnvelopeTime::time:
      return event.time;
    case EnvelopeTime::effective_at:
      return event.effective_at;
    case EnvelopeTime::recorded_at:
      break;
  }
  return event.recorded_at;
}

// A log need not keep more: a record is taken or refused alike wherever it is copied.
Timestamp milliseconds_in(Timestamp clock) {
  const std::int64_t rest = clock.us % 1000;
  return Timestamp{clock.us - (rest < 0 ? rest + 1000 : rest)};
}

}  // namespace

EventBuilder::EventBuilder(const DecodeOptions& options, Timestamp clock, Event& out)
    : options_(options),
      latest_(plus_saturated(milliseconds_in(clock), options.future_skew_max)),
      event_(out) {
  reset(out);
}

tl::unexpected<Error> EventBuilder::refuse(std::string_view field, ErrorCode code,
                                           std::string_view what) const {
  return fail(code,
              fmt::format("{}: {}: {}", definition_ == nullptr ? "event" : definition_->name, field, what));
}

Result<> EventBuilder::set_type(EventType type) {
  if (definition_ != nullptr && definition_->type != type)
    return refuse("type", ErrorCode::malformed_record, fmt::format("is also given as {}", name_of(type)));
  definition_ = &definition_of(type);
  event_.type = type;
  return {};
}

Result<> EventBuilder::set_type(std::string_view name) {
  if (name.empty()) return refuse("type", ErrorCode::missing_field, "is empty");
  const auto type = find_event_type(name);
  if (!type)
    return refuse("type", ErrorCode::unknown_event_type,
                  fmt::format("{} is no event type; docs/events.md lists them", in_quotes(name)));
  return set_type(*type);
}

Result<> EventBuilder::set(EnvelopeText member, std::string_view text) {
  const auto index = static_cast<std::size_t>(member);
  const std::string_view name = kTextNames[index];
  std::string_view& slot = text_of(event_, member);
  if (text.empty()) return refuse(name, ErrorCode::missing_field, "is empty");
  if (text.size() > kTextBytesMax[index])
    return refuse(name, ErrorCode::record_too_large,
                  fmt::format("{} bytes, at most {} are taken", text.size(), kTextBytesMax[index]));
  if ((texts_given_ & bit(member)) != 0 && slot != text)
    return refuse(name, ErrorCode::malformed_record,
                  fmt::format("is given twice: {} and {}", in_quotes(slot), in_quotes(text)));
  slot = text;
  texts_given_ |= bit(member);
  return {};
}

Result<> EventBuilder::set(EnvelopeTime member, Timestamp instant) {
  const std::string_view name = kTimeNames[static_cast<std::size_t>(member)];
  Timestamp& slot = time_of(event_, member);
  if ((times_given_ & bit(member)) != 0 && slot != instant)
    return refuse(name, ErrorCode::malformed_record, "is given twice with different values");
  slot = instant;
  times_given_ |= bit(member);
  return check_instant(name, instant, true);
}

Result<> EventBuilder::set_time_text(EnvelopeTime member, std::string_view text) {
  const std::string_view name = kTimeNames[static_cast<std::size_t>(member)];
  // CloudEvents' own `time` has a zone offset; only data may lean on the deployment's zone.
  const auto instant = parse_timestamp(text, member == EnvelopeTime::time ? nullptr : &options_.zone);
  if (!instant)
    return refuse(name, ErrorCode::invalid_timestamp,
                  fmt::format("{} is not an RFC 3339 time of the years 1 to 9999", in_quotes(text)));
  return set(member, *instant);
}

Result<> EventBuilder::set_entity_version(std::int64_t version) {
  if (version < 0) return refuse("entity_version", ErrorCode::number_out_of_range, "is negative");
  if (event_.entity_version && *event_.entity_version != version)
    return refuse("entity_version", ErrorCode::malformed_record, "is given twice with different values");
  event_.entity_version = version;
  return {};
}

void EventBuilder::set_traceparent(std::string_view text) {
  if (event_.traceparent.empty() && is_traceparent(text)) event_.traceparent = text;
}

bool EventBuilder::mark(const FieldUse& use) {
  const std::uint64_t field_bit = std::uint64_t{1} << static_cast<unsigned>(use.field);
  const bool first = (fields_given_ & field_bit) == 0;
  fields_given_ |= field_bit;
  return first;
}

tl::unexpected<Error> EventBuilder::given_twice(const FieldUse& use) const {
  return refuse(use.name, ErrorCode::malformed_record, "is given twice");
}

Result<> EventBuilder::add(const FieldUse& use, const Value& value) {
  if (!mark(use)) return given_twice(use);
  SLIPSTREAM_TRY(check_field(*definition_, use, value));
  if (value.type() == Type::timestamp) SLIPSTREAM_TRY(check_instant(use.name, value.as_timestamp(), false));
  event_.fields.push_back({use.field, value});
  return {};
}

Result<> EventBuilder::add_checked_list(const FieldUse& use, std::string_view canonical) {
  if (!mark(use)) return given_twice(use);
  event_.fields.push_back({use.field, Value::text(canonical)});
  return {};
}

Result<> EventBuilder::add_null(const FieldUse& use) {
  if (!mark(use)) return given_twice(use);
  return {};
}

Result<> EventBuilder::add_attribute(std::string_view name, const Value& value) {
  const auto repeats =
      std::find(null_attributes_.begin(), null_attributes_.end(), name) != null_attributes_.end();
  if (repeats || event_.find_attribute(name) != nullptr)
    return refuse(in_quotes(name), ErrorCode::malformed_record, "is given twice");
  if (event_.attributes.size() + null_attributes_.size() >= kAttributesMax)
    return refuse("data", ErrorCode::record_too_large,
                  fmt::format("more than {} attributes", kAttributesMax));
  if (value.is_null()) {
    null_attributes_.push_back(name);
    return {};
  }
  SLIPSTREAM_TRY(check_attribute(*definition_, name, value));
  event_.attributes.push_back({name, value});
  return {};
}

Result<> EventBuilder::check_instant(std::string_view name, Timestamp instant, bool not_future) const {
  if (instant < options_.earliest || !is_representable(instant))
    return refuse(name, ErrorCode::invalid_timestamp,
                  fmt::format("is before {} or beyond the year 9999", format_timestamp(options_.earliest)));
  if (not_future && instant > latest_)
    return refuse(name, ErrorCode::invalid_timestamp,
                  fmt::format("{} is beyond {}, the furthest that the clock allows",
                              format_timestamp(instant), format_timestamp(latest_)));
  return {};
}

Result<> EventBuilder::finish_envelope() {
  if (definition_ == nullptr) return refuse("type", ErrorCode::missing_field, "is missing");
  if (event_.id.empty()) return refuse("id", ErrorCode::missing_field, "is missing");
  if (event_.source.empty()) return refuse("source", ErrorCode::missing_field, "is missing");
  if ((times_given_ & bit(EnvelopeTime::time)) == 0)
    return refuse("time", ErrorCode::missing_field, "is missing");
  if ((times_given_ & bit(EnvelopeTime::effective_at)) == 0) event_.effective_at = event_.time;
  if ((times_given_ & bit(EnvelopeTime::recorded_at)) == 0) event_.recorded_at = event_.time;
  return {};
}

Result<> EventBuilder::finish_subject() {
  if (!definition_->subject) return {};
  const FieldUse& use = *find_field_use(*definition_, *definition_->subject);
  if (const Value* value = event_.find(use.field)) {
    if (event_.subject.empty()) event_.subject = value->as_text();
    if (event_.subject == value->as_text()) return {};
    return refuse("subject", ErrorCode::invalid_transition,
                  fmt::format("{} differs from {} {}", in_quotes(event_.subject), use.name,
                              in_quotes(value->as_text())));
  }
  if (event_.subject.empty()) return {};
  const Value value = Value::text(event_.subject);
  SLIPSTREAM_TRY(check_field(*definition_, use, value));
  event_.fields.push_back({use.field, value});
  return {};
}

Result<> EventBuilder::finish() {
  SLIPSTREAM_TRY(finish_envelope());
  SLIPSTREAM_TRY(finish_subject());
  SLIPSTREAM_TRY(check_rules(*definition_, event_));
  put_in_order(event_);
  return {};
}

}  // namespace slipstream
