#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "engine/decode/content_hash.h"
#include "tests/decode/decode_fixture.h"

namespace slipstream::test {
namespace {

GeneratedEvent arbitrary_event() {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto optional_percent = *rc::gen::inRange(0, 101);
  const auto type = *rc::gen::elementOf(
      std::vector<EventDefinition>(event_definitions().begin(), event_definitions().end()));
  EventGenerator generator(seed, {.optional_percent = optional_percent});
  return generator.of(type.type);
}

void decodes_to_itself(const Event& event, const Result<std::string>& bytes) {
  if (!bytes) RC_FAIL(bytes.error().message);
  Decoder decoder = make_decoder();
  Event decoded;
  const OwnedRecord record = record_of(*bytes);
  const auto result = decoder.decode(record.view(), kClock, decoded);
  if (!result) RC_FAIL(result.error().message + "\n" + *bytes);
  RC_ASSERT(same_event(event, decoded));
}

RC_GTEST_PROP(RoundTrip, FlatbuffersGiveTheSameEventBack, ()) {
  const GeneratedEvent generated = arbitrary_event();
  decodes_to_itself(generated.event, encode_flatbuffers(generated.event));
}

RC_GTEST_PROP(RoundTrip, JsonGivesTheSameEventBack, ()) {
  const GeneratedEvent generated = arbitrary_event();
  decodes_to_itself(generated.event, encode_json(generated.event));
}

RC_GTEST_PROP(RoundTrip, BothEncodingsHaveOneContentHash, ()) {
  const GeneratedEvent generated = arbitrary_event();
  Decoder decoder = make_decoder();
  Event from_json, from_flatbuffers;
  const OwnedRecord json = record_of(*encode_json(generated.event));
  const OwnedRecord flatbuffers = record_of(*encode_flatbuffers(generated.event));
  RC_ASSERT(decoder.decode(json.view(), kClock, from_json).has_value());
  RC_ASSERT(decoder.decode(flatbuffers.view(), kClock, from_flatbuffers).has_value());
  RC_ASSERT(content_hash(from_json) == content_hash(from_flatbuffers));
  RC_ASSERT(content_hash(from_json) == content_hash(generated.event));
}

RC_GTEST_PROP(RoundTrip, ABinaryModeRecordIsTheStructuredOne, ()) {
  const GeneratedEvent generated = arbitrary_event();
  const std::string structured = *encode_json(generated.event);
  const auto parsed = boost::json::parse(structured);
  OwnedRecord binary;
  for (const auto& [name, value] : parsed.as_object()) {
    if (name == "data" || name == "datacontenttype") continue;
    binary.headers.push_back({"ce_" + std::string(name), std::string(value.as_string())});
  }
  // The data as the encoder wrote it, since another JSON library would change numbers.
  const std::size_t start = structured.find("\"data\":{") + 7;
  binary.value = structured.substr(start, structured.size() - start - 1);
  Decoder decoder = make_decoder();
  Event decoded;
  const auto result = decoder.decode(binary.view(), kClock, decoded);
  if (!result) RC_FAIL(result.error().message);
  RC_ASSERT(same_event(generated.event, decoded));
}

RC_GTEST_PROP(RoundTrip, TheOrderOfMembersDoesNotMatter, ()) {
  const GeneratedEvent generated = arbitrary_event();
  const std::string structured = *encode_json(generated.event);
  const std::size_t start = structured.find("\"data\":{");
  const std::string data = structured.substr(start, structured.size() - start - 1);
  const std::string reordered = "{" + data + "," + structured.substr(1, start - 2) + "}";
  decodes_to_itself(generated.event, reordered);
}

RC_GTEST_PROP(RoundTrip, EveryAlignmentOfARecordGivesTheSameEvent, ()) {
  const GeneratedEvent generated = arbitrary_event();
  const std::string bytes = *encode_flatbuffers(generated.event);
  const auto shift = *rc::gen::inRange<std::size_t>(0, 16);
  const std::string shifted = std::string(shift, 'x') + bytes;
  Decoder decoder = make_decoder();
  RecordView record;
  record.value = std::string_view(shifted).substr(shift);
  Event decoded;
  RC_ASSERT(decoder.decode(record, kClock, decoded).has_value());
  RC_ASSERT(same_event(generated.event, decoded));
}

TEST(RoundTrip, EveryEventTypeAndFieldIsGeneratedAndSurvives) {
  Decoder decoder = make_decoder();
  for (const EventDefinition& definition : event_definitions()) {
    EventGenerator generator(7, {.optional_percent = 100});
    const GeneratedEvent generated = generator.of(definition.type);
    EXPECT_EQ(generated.event.fields.size(), definition.fields.size()) << definition.name;
    for (const auto& bytes : {encode_flatbuffers(generated.event), encode_json(generated.event)}) {
      ASSERT_TRUE(bytes) << definition.name << ": " << bytes.error().message;
      Event decoded;
      const OwnedRecord record = record_of(*bytes);
      const auto result = decoder.decode(record.view(), kClock, decoded);
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(same_event(generated.event, decoded)) << definition.name;
    }
  }
}

TEST(RoundTrip, TheEncoderRefusesWhatTheDecoderWouldRefuse) {
  Event event;
  event.type = EventType::observation;
  event.id = "o1";
  event.source = "/s";
  event.subject = "n";
  event.fields = {{Field::metric, Value::text("m")}, {Field::node, Value::text("n")}};
  for (const auto& encoded : {encode_json(event), encode_flatbuffers(event)}) {
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, ErrorCode::missing_field);
  }
  event.fields.push_back({Field::value, Value::decimal(Decimal(1))});
  EXPECT_TRUE(encode_json(event));
  event.fields.push_back({Field::percent, Value::decimal(Decimal(1))});
  EXPECT_EQ(encode_json(event).error().code, ErrorCode::unknown_name);
}

}  // namespace
}  // namespace slipstream::test
