#include "engine/decode/decoder.h"

#include <gtest/gtest.h>

#include "engine/decode/content_hash.h"
#include "engine/decode/list_field.h"
#include "tests/decode/bad_events.h"
#include "tests/decode/decode_fixture.h"

namespace slipstream::test {
namespace {

Timestamp instant(std::string_view text) { return *parse_timestamp(text); }

// Decodes one JSON event and keeps what its views point to.
class Decoded {
 public:
  explicit Decoded(OwnedRecord record) : record_(std::move(record)), decoder_(make_decoder()) {
    result_ = decoder_.decode(record_.view(), kClock, event_);
  }
  explicit Decoded(std::string json) : Decoded(record_of(std::move(json))) {}

  const Event& event() const {
    EXPECT_TRUE(result_) << result_.error().message;
    return event_;
  }
  const Error& error() const { return result_.error(); }
  Value field(Field field) const {
    const Value* value = event().find(field);
    return value == nullptr ? Value() : *value;
  }
  Value attribute(std::string_view name) const {
    const Value* value = event().find_attribute(name);
    return value == nullptr ? Value() : *value;
  }

 private:
  OwnedRecord record_;
  Decoder decoder_;
  Event event_;
  Result<> result_;
};

Decoded decoded(std::string_view type, std::string_view data) { return Decoded(json_event(type, data)); }

TEST(Decoder, RefusesEachBadEventWithItsCode) {
  for (const BadEvent& bad : bad_events())
    EXPECT_EQ(outcome(bad.json), name_of(bad.code)) << bad.why << "\n" << bad.json;
}

TEST(Decoder, SaysTypeFieldValueAndWhatWasExpected) {
  const auto bad = decoded("task.completed", R"({"task":"T","completed_at":"2011-13-01"})");
  EXPECT_EQ(bad.error().message,
            "task.completed: completed_at: \"2011-13-01\" is not an RFC 3339 time or a date of the years 1 "
            "to 9999");
}

TEST(Decoder, ReadsTheEnvelope) {
  const Decoded d(std::string(
      R"({"specversion":"1.0","id":"e1","source":"/s","type":"vn.gov.city.task.completed","subject":"T1",)"
      R"("time":"2026-03-01T08:00:00+07:00","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
      R"("data":{"task":"T1","effective_at":"2026-02-28T10:00:00Z","recorded_at":"2026-03-01","entity_version":3,)"
      R"("actor":"p7","supersedes":"e0"}})"));
  const Event& event = d.event();
  EXPECT_EQ(event.type, EventType::task_completed);
  EXPECT_EQ(event.id, "e1");
  EXPECT_EQ(event.source, "/s");
  EXPECT_EQ(event.subject, "T1");
  EXPECT_EQ(event.time, instant("2026-03-01T01:00:00Z"));
  EXPECT_EQ(event.effective_at, instant("2026-02-28T10:00:00Z"));
  EXPECT_EQ(event.recorded_at, instant("2026-02-28T23:00:00Z"));
  EXPECT_EQ(event.entity_version, 3);
  EXPECT_EQ(event.actor, "p7");
  EXPECT_EQ(event.supersedes, "e0");
  EXPECT_EQ(event.traceparent.size(), 55U);
}

TEST(Decoder, EffectiveAndRecordedTimesDefaultToTime) {
  const auto d = decoded("task.completed", R"({"task":"T"})");
  EXPECT_EQ(d.event().effective_at, d.event().time);
  EXPECT_EQ(d.event().recorded_at, d.event().time);
}

TEST(Decoder, TakesEnvelopeExtensionsForTheMembersOfData) {
  const Decoded d(
      std::string(R"({"specversion":"1.0","id":"e1","source":"/s","type":"task.completed","subject":"T1",)"
                  R"("time":"2026-03-01T08:00:00Z","effectiveat":"2026-02-28T10:00:00Z","actor":"p",)"
                  R"("entityversion":4,"comexampleother":true})"));
  EXPECT_EQ(d.event().effective_at, instant("2026-02-28T10:00:00Z"));
  EXPECT_EQ(d.event().actor, "p");
  EXPECT_EQ(d.event().entity_version, 4);
  EXPECT_TRUE(d.event().attributes.empty());
}

TEST(Decoder, SubjectAndItsFieldStandForEachOther) {
  EXPECT_EQ(decoded("task.completed", R"({"task":"T9"})").event().subject, "T9");
  const Decoded d(
      std::string(R"({"specversion":"1.0","id":"e1","source":"/s","type":"task.completed","subject":"T1",)"
                  R"("time":"2026-03-01T08:00:00Z"})"));
  EXPECT_EQ(d.field(Field::task), Value::text("T1"));
}

TEST(Decoder, ReadsNumbersExactlyFromTheirText) {
  const auto value = [](std::string_view number) {
    const auto d =
        decoded("observation", std::string(R"({"metric":"m","node":"n","value":)").append(number) + "}");
    return d.field(Field::value).as_decimal();
  };
  EXPECT_EQ(value("0.1").to_string(), "0.1");
  EXPECT_EQ(value("12345678901234567890.123456789012345678").to_string(),
            "12345678901234567890.123456789012345678");
  EXPECT_EQ(value("\"12345678901234567890.123456789012345678\"").to_string(),
            "12345678901234567890.123456789012345678");
  EXPECT_EQ(value("9007199254740993"), Decimal(9007199254740993));
  EXPECT_EQ(value("1.50e2"), Decimal(150));
  EXPECT_EQ(value("-0.0"), Decimal(0));
  EXPECT_EQ(value("2.500").scale(), 1) << "decimals are in normal form";
}

TEST(Decoder, ADeadlineGivenAsADateEndsAtLocalMidnight) {
  const auto d = decoded("task.assigned", R"({"task":"T","due_at":"2026-03-28"})");
  EXPECT_EQ(d.field(Field::due_at), Value::timestamp(instant("2026-03-28T23:00:00Z")));
  const auto summer = decoded("task.assigned", R"({"task":"T","due_at":"2026-03-29"})");
  EXPECT_EQ(summer.field(Field::due_at), Value::timestamp(instant("2026-03-29T22:00:00Z")));
}

TEST(Decoder, ATimestampGivenAsADateIsItsLocalMidnight) {
  const auto d = decoded("task.completed", R"({"task":"T","completed_at":"2026-03-28"})");
  EXPECT_EQ(d.field(Field::completed_at), Value::timestamp(instant("2026-03-27T23:00:00Z")));
}

TEST(Decoder, UnknownMembersOfDataBecomeAttributes) {
  const auto d =
      decoded("task.completed",
              R"({"task":"T","x":"text","b":true,"i":5,"d":5.0,"huge":12345678901234567890,"n":null})");
  EXPECT_EQ(d.attribute("x"), Value::text("text"));
  EXPECT_EQ(d.attribute("b"), Value::boolean(true));
  EXPECT_EQ(d.attribute("i"), Value::integer(5));
  EXPECT_EQ(d.attribute("d"), Value::decimal(Decimal(5)));
  EXPECT_EQ(d.attribute("huge").as_decimal().to_string(), "12345678901234567890");
  EXPECT_EQ(d.event().attributes.size(), 5U) << "null is the same as absent";
}

TEST(Decoder, AFieldOfAnotherTypeIsAnAttributeHere) {
  const auto d = decoded("task.completed", R"({"task":"T","percent":50})");
  EXPECT_EQ(d.event().find(Field::percent), nullptr);
  EXPECT_EQ(d.attribute("percent"), Value::integer(50));
}

TEST(Decoder, FieldsAscendByNumberAndAttributesByName) {
  const auto d = decoded("task.assigned", R"({"weight":2,"z":1,"unit":"u","a":1,"title":"t","task":"T"})");
  std::vector<Field> fields;
  for (const EventField& field : d.event().fields)
    fields.push_back(field.field);
  EXPECT_EQ(fields, (std::vector{Field::task, Field::title, Field::unit, Field::weight}));
  EXPECT_EQ(d.event().attributes[0].name, "a");
  EXPECT_EQ(d.event().attributes[1].name, "z");
}

TEST(Decoder, ListsBecomeCanonicalText) {
  const auto d =
      decoded("task.assigned", R"({"task":"T","co_units":[ "a\u002fb" , "\u0111\n" ],"indicators":[]})");
  EXPECT_EQ(d.field(Field::co_units), Value::text("[\"a/b\",\"đ\\u000a\"]"));
  EXPECT_EQ(d.field(Field::indicators), Value::text("[]"));
  const auto split = decoded("unit.split", R"({"unit":"u","successors":["a","b"],"shares":["0.50", 5e-1]})");
  EXPECT_EQ(split.field(Field::shares), Value::text("[0.5,0.5]"));
  const auto days =
      decoded("calendar.published",
              R"({"calendar":"c","days":[{"working":false,"name":"Tết","date":"2026-02-17"}]})");
  EXPECT_EQ(days.field(Field::days), Value::text(R"([{"date":"2026-02-17","working":false,"name":"Tết"}])"));
}

TEST(Decoder, ResolvesEscapes) {
  const auto d = decoded("task.assigned", R"({"task":"T","title":"\"\\\/\b\f\n\r\t\u00e9\ud83d\udeb2"})");
  EXPECT_EQ(d.field(Field::title), Value::text("\"\\/\b\f\n\r\té🚲"));
}

TEST(Decoder, AMalformedTraceDoesNotStopTheEvent) {
  const Decoded d(
      std::string(R"({"specversion":"1.0","id":"e","source":"/s","type":"task.completed","subject":"T",)"
                  R"("time":"2026-03-01T08:00:00Z","traceparent":"nonsense"})"));
  EXPECT_EQ(d.event().traceparent, "");
}

OwnedRecord binary_record(std::string body) {
  return {std::move(body),
          {{"ce_specversion", "1.0"},
           {"ce_id", "e1"},
           {"ce_source", "/s"},
           {"ce_type", "task.completed"},
           {"ce_time", "2026-03-01T08:00:00Z"},
           {"content-type", "application/json"}},
          false};
}

TEST(Decoder, ReadsBinaryModeFromHeadersAndBody) {
  OwnedRecord record = binary_record(R"({"task":"T","note":"done"})");
  record.headers.push_back({"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  const Decoded d(record);
  EXPECT_EQ(d.event().id, "e1");
  EXPECT_EQ(d.field(Field::note), Value::text("done"));
  EXPECT_FALSE(d.event().traceparent.empty());
}

TEST(Decoder, BinaryModeWithoutBodyNeedsASubject) {
  OwnedRecord record = binary_record("");
  EXPECT_EQ(outcome(record), "missing_field");
  record.headers.push_back({"ce_subject", "T"});
  EXPECT_EQ(outcome(record), "ok");
}

TEST(Decoder, BinaryModeHeadersAndAFlatbufferMustAgree) {
  const std::string bytes = *encode_flatbuffers(decoded("task.completed", R"({"task":"T"})").event());
  EXPECT_EQ(outcome(binary_record(bytes)), "ok");
  OwnedRecord other_id = binary_record(bytes);
  other_id.headers[1].value = "e2";
  EXPECT_EQ(outcome(other_id), "malformed_record");
  OwnedRecord other_type = binary_record(bytes);
  other_type.headers[3].value = "task.accepted";
  EXPECT_EQ(outcome(other_type), "malformed_record");
}

TEST(Decoder, RefusesBadBinaryModeHeaders) {
  const auto changed = [](std::size_t header, std::string value) {
    OwnedRecord record = binary_record(R"({"task":"T"})");
    record.headers[header].value = std::move(value);
    return outcome(record);
  };
  EXPECT_EQ(changed(0, "1.1"), "malformed_record");
  EXPECT_EQ(changed(1, ""), "missing_field");
  EXPECT_EQ(changed(1, "\xff"), "invalid_utf8");
  EXPECT_EQ(changed(1, std::string("a\0b", 3)), "invalid_utf8");
  EXPECT_EQ(changed(3, "nothing"), "unknown_event_type");
  EXPECT_EQ(changed(4, "yesterday"), "invalid_timestamp");
  OwnedRecord twice = binary_record(R"({"task":"T"})");
  twice.headers.push_back({"ce_id", "e1"});
  EXPECT_EQ(outcome(twice), "malformed_record");
  OwnedRecord no_version = binary_record(R"({"task":"T"})");
  no_version.headers.erase(no_version.headers.begin());
  EXPECT_EQ(outcome(no_version), "missing_field");
  EXPECT_EQ(outcome(binary_record("[]")), "malformed_record");
  EXPECT_EQ(outcome(binary_record("task")), "malformed_record");
}

TEST(Decoder, TheContentTypeTellsStructuredModeDespiteHeaders) {
  OwnedRecord record = record_of(json_event("task.completed", R"({"task":"T"})"));
  record.headers = {{"ce_id", "other"}, {"content-type", "Application/CloudEvents+JSON; charset=utf-8"}};
  EXPECT_EQ(Decoded(record).event().id, "e1");
  record.headers[1].value = "application/cloudevents+avro";
  EXPECT_EQ(outcome(record), "malformed_record");
}

TEST(Decoder, ATombstoneIsNotAnEvent) { EXPECT_EQ(outcome(OwnedRecord{"", {}, true}), "malformed_record"); }

TEST(Decoder, InstantsUpToTheSkewAreTaken) {
  const auto at = [](Timestamp time) {
    return outcome(
        R"({"specversion":"1.0","id":"e","source":"s","type":"task.completed","subject":"T","time":")" +
        format_timestamp(time) + "\"}");
  };
  EXPECT_EQ(at(kClock + days(1)), "ok");
  EXPECT_EQ(at(kClock + days(1) + Duration{1}), "invalid_timestamp");
}

// One log keeps microseconds of a record's timestamp and another does not: both must take the same events.
TEST(Decoder, HowFarAheadAnEventMayBeIsCountedFromWholeMilliseconds) {
  const auto at = [](Timestamp time, Timestamp clock) {
    Decoder decoder = make_decoder();
    Event event;
    const OwnedRecord record = record_of(
        R"({"specversion":"1.0","id":"e","source":"s","type":"task.completed","subject":"T","time":")" +
        format_timestamp(time) + "\"}");
    return decoder.decode(record.view(), clock, event).has_value();
  };
  for (const Timestamp clock : {kClock, kClock + Duration{1}, kClock + Duration{999}}) {
    EXPECT_TRUE(at(kClock + days(1), clock));
    EXPECT_FALSE(at(kClock + days(1) + Duration{1}, clock));
  }
}

TEST(Decoder, TheBoundsOfATargetAreInOrder) {
  const auto with = [](const std::string& bounds) {
    return outcome(json_event(
        "target.set",
        R"({"kpi":"k","node":"n","period_start":"2026-01-01","period_end":"2027-01-01","target":6)" + bounds +
            "}"));
  };
  EXPECT_EQ(with(R"(,"tolerance_amber":1,"tolerance_red":2,"target_high":8)"), "ok");
  EXPECT_EQ(with(R"(,"tolerance_amber":1,"tolerance_red":"1.0","target_high":"6.00")"), "ok");
  EXPECT_EQ(with(R"(,"tolerance_amber":1)"), "ok");
  EXPECT_EQ(with(R"(,"tolerance_red":1)"), "ok");
  EXPECT_EQ(with(R"(,"tolerance_amber":2,"tolerance_red":1.5)"), "number_out_of_range");
  EXPECT_EQ(with(R"(,"target_high":5)"), "number_out_of_range");
}

TEST(Decoder, ADecoderIsReusedAfterErrorsAndKeepsABatchAlive) {
  Decoder decoder = make_decoder();
  std::vector<OwnedRecord> records;
  for (int i = 0; i < 50; ++i)
    records.push_back(
        record_of(json_event("task.assigned", R"({"task":"T)" + std::to_string(i) + R"(","title":"a\nb)" +
                                                  std::to_string(i) + "\"}")));
  std::vector<Event> events(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    Event refused;
    EXPECT_EQ(outcome(decoder, record_of("{"), refused), "malformed_record");
    EXPECT_EQ(outcome(decoder, records[i], events[i]), "ok");
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].subject, "T" + std::to_string(i));
    EXPECT_EQ(events[i].find(Field::title)->as_text(), "a\nb" + std::to_string(i));
  }
  decoder.release();
}

TEST(Decoder, NothingOfAnEarlierEventStaysInTheNext) {
  Decoder decoder = make_decoder();
  Event event;
  const auto full = record_of(json_event(
      "task.completed", R"({"task":"T","actor":"a","entity_version":1,"supersedes":"e0","note":"n","x":1})"));
  const auto bare = record_of(json_event("task.completed", R"({"task":"T"})"));
  ASSERT_EQ(outcome(decoder, bare, event), "ok");
  const std::uint64_t hash = content_hash(event);
  ASSERT_EQ(outcome(decoder, full, event), "ok");
  EXPECT_NE(content_hash(event), hash);
  ASSERT_EQ(outcome(decoder, bare, event), "ok");
  EXPECT_EQ(content_hash(event), hash);
  EXPECT_EQ(event.actor, "");
  EXPECT_FALSE(event.entity_version);
  EXPECT_EQ(event.fields.size(), 1U);
  EXPECT_TRUE(event.attributes.empty());
}

}  // namespace
}  // namespace slipstream::test
