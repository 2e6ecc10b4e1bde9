// Assembles one event from whatever encoding: collects envelope and fields, each at most once, then applies
// the rules. Lives for one decode; owned by the decoder's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/decode/catalogue.h"
#include "engine/decode/decoder.h"

namespace slipstream {

enum class EnvelopeText : std::uint8_t { id, source, subject, actor, supersedes };
enum class EnvelopeTime : std::uint8_t { time, effective_at, recorded_at };

class EventBuilder {
 public:
  EventBuilder(const DecodeOptions& options, Timestamp clock, Event& out);

  const Zone& zone() const { return options_.zone; }
  // Null until the type is set.
  const EventDefinition* definition() const { return definition_; }

  // The envelope. Given twice with the same value: no error; with another one: malformed_record.
  Result<> set_type(std::string_view name);
  Result<> set_type(EventType type);
  Result<> set(EnvelopeText member, std::string_view text);
  Result<> set(EnvelopeTime member, Timestamp instant);
  Result<> set_time_text(EnvelopeTime member, std::string_view text);
  Result<> set_entity_version(std::int64_t version);
  void set_traceparent(
      std::string_view text);  // ignored unless well-formed: a bad trace must not stop an event

  // Data; the type must be set. A field or attribute given twice is malformed_record.
  Result<> add(const FieldUse& use, const Value& value);
  Result<> add_checked_list(const FieldUse& use,
                            std::string_view canonical);              // items were checked by the caller
  Result<> add_null(const FieldUse& use);                             // given, as null: the same as absent
  Result<> add_attribute(std::string_view name, const Value& value);  // null: absent

  // Defaults, rules and order.
  Result<> finish();

  // An error about the envelope or data, naming the event type when it is known.
  tl::unexpected<Error> refuse(std::string_view field, ErrorCode code, std::string_view what) const;

 private:
  bool mark(const FieldUse& use);  // false: it was given before
  tl::unexpected<Error> given_twice(const FieldUse& use) const;
  Result<> check_instant(std::string_view name, Timestamp instant, bool not_future) const;
  Result<> finish_envelope();
  Result<> finish_subject();

  const DecodeOptions& options_;
  Timestamp latest_;
  Event& event_;
  const EventDefinition* definition_ = nullptr;
  std::uint64_t fields_given_ = 0;  // bit per field number
  std::uint8_t texts_given_ = 0;    // bit per EnvelopeText
  std::uint8_t times_given_ = 0;    // bit per EnvelopeTime
  boost::container::small_vector<std::string_view, 4> null_attributes_;
};

}  // namespace slipstream
