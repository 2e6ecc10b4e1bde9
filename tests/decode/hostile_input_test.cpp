// Whatever the bytes: an event or an error of blame `data`, never a crash, never a read outside the record
// (the sanitizers see that; records are copied to the end of exact allocations for them).
#include <gtest/gtest.h>
#include <slipstream_wire/event_generated.h>

#include <boost/json.hpp>
#include <random>
#include <set>

#include "engine/decode/list_field.h"
#include "tests/decode/decode_fixture.h"

namespace slipstream::test {
namespace {

// Decodes from an allocation that ends with the record.
std::string outcome_exact(Decoder& decoder, std::string_view bytes, Event& event) {
  const std::unique_ptr<char[]> exact(new char[bytes.size() + 1]);
  std::copy(bytes.begin(), bytes.end(), exact.get() + 1);
  RecordView record;
  record.value = {exact.get() + 1, bytes.size()};
  const auto result = decoder.decode(record, kClock, event);
  if (!result) {
    EXPECT_EQ(blame_of(result.error().code), Blame::data) << result.error().message;
    EXPECT_FALSE(result.error().message.empty());
  }
  event = Event();
  return result ? "ok" : std::string(name_of(result.error().code));
}

std::vector<std::string> valid_encodings() {
  std::vector<std::string> all;
  EventGenerator generator(42);
  for (const EventDefinition& definition : event_definitions()) {
    const GeneratedEvent generated = generator.of(definition.type);
    all.push_back(*encode_json(generated.event));
    all.push_back(*encode_flatbuffers(generated.event));
  }
  return all;
}

bool is_flatbuffer(std::string_view bytes) { return bytes.size() >= 8 && bytes.substr(4, 4) == "SLEV"; }

TEST(HostileInput, EveryTruncationIsMalformed) {
  Decoder decoder = make_decoder();
  Event event;
  for (const std::string& bytes : valid_encodings()) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::string_view cut = std::string_view(bytes).substr(0, length);
      const std::string code = outcome_exact(decoder, cut, event);
      if (is_flatbuffer(bytes)) {
        // The last bytes may be padding that nothing refers to.
        if (bytes.size() - length <= 8) continue;
        EXPECT_EQ(code, "malformed_record") << length << " of " << bytes.size();
        continue;
      }
      // A cut within a character leaves invalid UTF-8; every other cut leaves an unfinished object.
      const bool within_character = (static_cast<unsigned char>(bytes[length]) & 0xC0) == 0x80;
      EXPECT_EQ(code, within_character ? "invalid_utf8" : "malformed_record") << cut;
    }
  }
}

TEST(HostileInput, FlippedBytesNeverCrash) {
  Decoder decoder = make_decoder();
  Event event;
  std::mt19937_64 random(1);
  std::size_t refused = 0, decoded = 0;
  for (const std::string& bytes : valid_encodings()) {
    for (int round = 0; round < 300; ++round) {
      std::string damaged = bytes;
      for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      (outcome_exact(decoder, damaged, event) == "ok" ? decoded : refused) += 1;
      decoder.release();
    }
  }
  EXPECT_GT(refused, decoded / 4) << "the damage did nothing";
}

// Boost.JSON as the judge: what the decoder accepts is one valid JSON text.
TEST(HostileInput, NothingButValidJsonIsTaken) {
  Decoder decoder = make_decoder();
  Event event;
  std::mt19937_64 random(2);
  constexpr std::string_view kPieces = "{}[]:,\"\\0123456789.eE+-truefalsn \n\x01u";
  std::size_t taken = 0;
  for (const std::string& bytes : valid_encodings()) {
    if (is_flatbuffer(bytes)) continue;
    for (int round = 0; round < 500; ++round) {
      std::string damaged = bytes;
      const std::size_t at = random() % damaged.size();
      const char piece = kPieces[random() % kPieces.size()];
      switch (random() % 3) {
        case 0:
          damaged[at] = piece;
          break;
        case 1:
          damaged.insert(at, 1, piece);
          break;
        default:
          damaged.erase(at, 1);
          break;
      }
      if (outcome_exact(decoder, damaged, event) != "ok") continue;
      ++taken;
      boost::json::error_code error;
      boost::json::parse(damaged, error);
      EXPECT_FALSE(error) << damaged;
    }
    decoder.release();
  }
  EXPECT_GT(taken, 0U);
}

struct HostileText {
  std::string_view why;
  std::string bytes;
  std::string_view code;
};

std::string title(std::string_view raw) {
  return json_event("task.assigned", std::string(R"({"task":"T","title":")").append(raw) + "\"}");
}
std::string value(std::string_view raw) {
  return json_event("observation", std::string(R"({"metric":"m","node":"n","value":)").append(raw) + "}");
}
std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += piece;
  return text;
}

TEST(HostileInput, HostileJsonHasItsExactCode) {
  const std::string good = value("1");
  const std::vector<HostileText> table{
      {"nothing", "", "malformed_record"},
      {"white space", " \n\t ", "malformed_record"},
      {"a scalar", "1", "malformed_record"},
      {"an array", "[]", "malformed_record"},
      {"an empty object", "{}", "missing_field"},
      {"a byte order mark", "\xEF\xBB\xBF" + good, "malformed_record"},
      {"two objects", good + good, "malformed_record"},
      {"a brace too many", good + "}", "malformed_record"},
      {"something behind", good + " x", "malformed_record"},
      {"a NUL behind", good + std::string(1, '\0'), "malformed_record"},
      {"deep arrays at the top", repeated("[", 100'000), "malformed_record"},
      {"deep objects at the top", repeated(R"({"a":)", 50'000), "malformed_record"},
      {"deep balanced objects at the top", repeated(R"({"a":)", 50'000) + "1" + repeated("}", 50'000),
       "wrong_type"},
      {"deep arrays in an attribute",
       json_event("task.completed", R"({"task":"T","x":)" + repeated("[", 100'000) + "}"), "wrong_type"},
      {"deep balanced arrays in an attribute",
       json_event("task.completed",
                  R"({"task":"T","x":)" + repeated("[", 9'000) + repeated("]", 9'000) + "}"),
       "wrong_type"},
      {"deep arrays in a list",
       json_event("task.assigned",
                  R"({"task":"T","co_units":)" + repeated("[", 9'000) + repeated("]", 9'000) + "}"),
       "wrong_type"},
      {"deep arrays before the type",
       R"({"data":{"x":)" + repeated("[", 9'000) + repeated("]", 9'000) +
           R"(},"specversion":"1.0","id":"e","source":"s","type":"observation","time":"2026-03-01T08:00:00Z"})",
       "wrong_type"},
      {"mismatched brackets in data before the type",
       R"({"data":{"x":1],"specversion":"1.0","id":"e","source":"s","type":"observation","time":"2026-03-01T08:00:00Z"})",
       "malformed_record"},
      {"NaN", value("NaN"), "malformed_record"},
      {"Infinity", value("-Infinity"), "malformed_record"},
      {"a leading zero", value("01"), "malformed_record"},
      {"a plus sign", value("+1"), "malformed_record"},
      {"no digit before the point", value(".5"), "malformed_record"},
      {"no digit behind the point", value("5."), "malformed_record"},
      {"no exponent", value("1e"), "malformed_record"},
      {"hexadecimal", value("0x10"), "malformed_record"},
      {"a huge exponent", value("1e999999999999999999999"), "number_out_of_range"},
      {"a huge negative exponent", value("1e-999999999999999999999"), "number_out_of_range"},
      {"39 digits", value(repeated("9", 39)), "number_out_of_range"},
      {"100000 digits", value(repeated("9", 100'000)), "number_out_of_range"},
      {"100000 digits in a string", value("\"" + repeated("9", 100'000) + "\""), "number_out_of_range"},
      {"truth in capitals", value("True"), "malformed_record"},
      {"a word that starts like a literal", json_event("task.assigned", R"({"task":"T","starred":truely})"),
       "malformed_record"},
      {"a key for a value", json_event("task.completed", R"({"task":"T":"U"})"), "malformed_record"},
      {"no comma", json_event("task.completed", R"({"task":"T" "x":1})"), "malformed_record"},
      {"a comma at the end", json_event("task.completed", R"({"task":"T",})"), "malformed_record"},
      {"a number for a key", json_event("task.completed", R"({1:"T"})"), "malformed_record"},
      {"an empty name", json_event("task.completed", R"({"task":"T","":1})"), "malformed_record"},
      {"a long name", json_event("task.completed", R"({"task":"T",")" + repeated("n", 300) + R"(":1})"),
       "record_too_large"},
      {"a raw control character", title("a\x01"), "malformed_record"},
      {"an unknown escape", title(R"(\x41)"), "malformed_record"},
      {"a cut unicode escape", title(R"(\u12)"), "malformed_record"},
      {"an escaped NUL", title(R"(\u0000)"), "invalid_utf8"},
      {"a lone high surrogate", title(R"(\ud83d)"), "invalid_utf8"},
      {"a lone high surrogate and text", title(R"(\ud83dabcdefgh)"), "invalid_utf8"},
      {"a lone low surrogate", title(R"(\udeb2)"), "invalid_utf8"},
      {"surrogates in the wrong order", title(R"(\udeb2\ud83d)"), "invalid_utf8"},
      {"two high surrogates", title(R"(\ud83d\ud83d)"), "invalid_utf8"},
      {"a lone surrogate in a name", json_event("task.completed", R"({"task":"T","\ud83d":1})"),
       "invalid_utf8"},
      {"a lone continuation byte", title("\x80"), "invalid_utf8"},
      {"an overlong slash", title("\xC0\xAF"), "invalid_utf8"},
      {"an encoded surrogate", title("\xED\xA0\x80"), "invalid_utf8"},
      {"beyond U+10FFFF", title("\xF4\x90\x80\x80"), "invalid_utf8"},
      {"a cut character", title("\xE1\xBB"), "invalid_utf8"},
      {"invalid UTF-8 in an ignored member",
       R"({"specversion":"1.0","id":"e","source":"s","type":"task.completed","subject":"T",)"
       "\"ext\":\"\xff\",\"time\":\"2026-03-01T08:00:00Z\"}",
       "invalid_utf8"},
      {"an absurd year",
       json_event("task.completed", R"({"task":"T","completed_at":"99999-01-01T00:00:00Z"})"),
       "invalid_timestamp"},
      {"year 0", json_event("task.completed", R"({"task":"T","completed_at":"0000-01-01T00:00:00Z"})"),
       "invalid_timestamp"},
      {"too many attributes",
       [] {
         std::string data = R"({"task":"T")";
         for (int i = 0; i < 300; ++i)
           data += ",\"a" + std::to_string(i) + "\":" + (i % 2 == 0 ? "1" : "null");
         return json_event("task.completed", data + "}");
       }(),
       "record_too_large"},
      {"too many items",
       json_event("task.assigned", R"({"task":"T","co_units":["a")" + repeated(R"(,"a")", 2000) + "]}"),
       "record_too_large"},
  };
  for (const HostileText& hostile : table)
    EXPECT_EQ(outcome(hostile.bytes), hostile.code) << hostile.why;
}

TEST(HostileInput, AnOversizedRecordIsRefusedWhateverMakesItLarge) {
  const std::size_t max = DecodeOptions().record_bytes_max;
  EXPECT_EQ(outcome(title(std::string(max, 'x'))), "record_too_large");
  OwnedRecord headers = record_of(value("1"));
  headers.headers.push_back({"x", std::string(max, 'x')});
  EXPECT_EQ(outcome(headers), "record_too_large");
  std::string padded = value("1");
  padded.resize(max, ' ');
  EXPECT_EQ(outcome(padded), "ok") << "exactly the maximum is taken";
  padded += ' ';
  EXPECT_EQ(outcome(padded), "record_too_large");
}

// FlatBuffers built by hand: what the encoder would never write.
class WireEvent {
 public:
  flatbuffers::FlatBufferBuilder builder;

  std::string finish(
      wire::EventType type, wire::EventData family, flatbuffers::Offset<void> data, std::int64_t time = 0,
      std::string_view id = "e",
      flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Attribute>>> attributes = {}) {
    const auto id_at = builder.CreateString(id.data(), id.size());
    const auto source = builder.CreateString("s");
    wire::EventBuilder event(builder);
    event.add_type(type);
    event.add_id(id_at);
    event.add_source(source);
    event.add_time(time);
    event.add_data_type(family);
    event.add_data(data);
    event.add_attributes(attributes);
    builder.Finish(event.Finish(), wire::EventIdentifier());
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
  }

  std::string observation(std::string_view metric, wire::Decimal number, std::int64_t time = 0,
                          std::string_view id = "e") {
    const auto metric_at = builder.CreateString(metric.data(), metric.size());
    const auto node = builder.CreateString("n");
    const auto data = wire::CreateObservation(builder, metric_at, node, &number);
    return finish(wire::EventType::observation, wire::EventData::Observation, data.Union(), time, id);
  }
};

constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
const wire::Decimal kOne(1, 0, 0);

TEST(HostileInput, HostileFlatbufferValuesHaveTheirExactCode) {
  EXPECT_EQ(outcome(WireEvent().observation("m", kOne)), "ok");
  EXPECT_EQ(outcome(WireEvent().observation("\xff\xfe", kOne)), "invalid_utf8");
  EXPECT_EQ(outcome(WireEvent().observation(std::string("a\0b", 3), kOne)), "invalid_utf8");
  EXPECT_EQ(outcome(WireEvent().observation(std::string("abcdefgh\0jklmnop", 16), kOne)), "invalid_utf8");
  EXPECT_EQ(outcome(WireEvent().observation("m", kOne, 0, "\xed\xa0\x80")), "invalid_utf8");
  EXPECT_EQ(outcome(WireEvent().observation("", kOne)), "missing_field");
  EXPECT_EQ(outcome(WireEvent().observation("m", kOne, 0, "")), "missing_field");
  EXPECT_EQ(outcome(WireEvent().observation(std::string(300, 'm'), kOne)), "record_too_large");
  EXPECT_EQ(outcome(WireEvent().observation("m", wire::Decimal(1, 0, 19))), "number_out_of_range");
  EXPECT_EQ(outcome(WireEvent().observation("m", wire::Decimal(1, 0, -1))), "number_out_of_range");
  EXPECT_EQ(outcome(WireEvent().observation("m", wire::Decimal(0, kInt64Max, 0))), "number_out_of_range");
  EXPECT_EQ(outcome(WireEvent().observation("m", wire::Decimal(0, kInt64Min, 0))), "number_out_of_range");
  for (const std::int64_t time : {kInt64Min, kInt64Max, kClock.us + days(2).us, days(-40'000).us})
    EXPECT_EQ(outcome(WireEvent().observation("m", kOne, time)), "invalid_timestamp") << time;
}

// Two shares that stand at a multiple of four bytes, of eight only by chance; words may stand behind them.
std::string unit_split(int words_behind) {
  WireEvent event;
  flatbuffers::FlatBufferBuilder& builder = event.builder;
  for (int i = 0; i < words_behind; ++i)
    builder.PushElement(std::uint32_t{0});
  const wire::Decimal half(5, 0, 1);
  builder.StartVector(2 * sizeof half / sizeof(std::uint32_t), sizeof(std::uint32_t));
  for (int i = 0; i < 2; ++i)
    builder.PushBytes(reinterpret_cast<const std::uint8_t*>(&half), sizeof half);
  const flatbuffers::Offset<flatbuffers::Vector<const wire::Decimal*>> shares(builder.EndVector(2));
  const auto unit = builder.CreateString("u");
  const auto successors =
      builder.CreateVector(std::vector{builder.CreateString("a"), builder.CreateString("b")});
  wire::UnitBuilder data(builder);
  data.add_unit(unit);
  data.add_successors(successors);
  data.add_shares(shares);
  return event.finish(wire::EventType::unit_split, wire::EventData::Unit, data.Finish().Union());
}

TEST(HostileInput, FlatbufferItemsThatStandBetweenWordsAreRefused) {
  EXPECT_EQ((std::set{outcome(unit_split(0)), outcome(unit_split(1))}),
            (std::set<std::string>{"malformed_record", "ok"}));
}

TEST(HostileInput, FlatbufferTypeAndDataMustFit) {
  WireEvent other_family;
  const auto task = wire::CreateTask(other_family.builder);
  EXPECT_EQ(outcome(other_family.finish(wire::EventType::observation, wire::EventData::Task, task.Union())),
            "wrong_type");
  WireEvent unknown_type;
  const auto data = wire::CreateTask(unknown_type.builder);
  EXPECT_EQ(
      outcome(unknown_type.finish(static_cast<wire::EventType>(99), wire::EventData::Task, data.Union())),
      "unknown_event_type");
  WireEvent no_type;
  const auto some = wire::CreateTask(no_type.builder);
  EXPECT_EQ(outcome(no_type.finish(wire::EventType::not_given, wire::EventData::Task, some.Union())),
            "missing_field");
  WireEvent no_data;
  EXPECT_EQ(outcome(no_data.finish(wire::EventType::task_completed, wire::EventData::NONE, {})),
            "missing_field");
  WireEvent unknown_family;
  const auto table = wire::CreateTask(unknown_family.builder);
  EXPECT_EQ(outcome(unknown_family.finish(wire::EventType::task_completed, static_cast<wire::EventData>(77),
                                          table.Union())),
            "wrong_type");
}

TEST(HostileInput, AFlatbufferFieldOfAnotherTypeIsAnAttributeAsInJson) {
  WireEvent wire_event;
  auto& builder = wire_event.builder;
  const auto task_at = builder.CreateString("T");
  const wire::Decimal half(5, 0, 1);
  wire::TaskBuilder task(builder);
  task.add_task(task_at);
  task.add_percent(&half);
  task.add_due_at(0);
  const auto data = task.Finish();
  const OwnedRecord record =
      record_of(wire_event.finish(wire::EventType::task_completed, wire::EventData::Task, data.Union()));
  Decoder decoder = make_decoder();
  Event event;
  ASSERT_EQ(outcome(decoder, record, event), "ok");
  EXPECT_EQ(event.find(Field::percent), nullptr);
  EXPECT_EQ(*event.find_attribute("percent"), Value::decimal(Decimal::from_units(5, 1)));
  EXPECT_EQ(*event.find_attribute("due_at"), Value::text("1970-01-01T00:00:00Z"));
}

TEST(HostileInput, FlatbufferAttributesKeepTheRulesOfJson) {
  const auto with_attribute = [](const char* name, bool twice) {
    WireEvent wire_event;
    auto& builder = wire_event.builder;
    const auto number = wire::CreateInteger(builder, 1);
    std::vector<flatbuffers::Offset<wire::Attribute>> list{
        wire::CreateAttributeDirect(builder, name, wire::AttributeValue::Integer, number.Union())};
    if (twice) list.push_back(list.front());
    const auto attributes = builder.CreateVector(list);
    const auto task_at = builder.CreateString("T");
    wire::TaskBuilder task(builder);
    task.add_task(task_at);
    const auto data = task.Finish();
    return outcome(wire_event.finish(wire::EventType::task_completed, wire::EventData::Task, data.Union(), 0,
                                     "e", attributes));
  };
  EXPECT_EQ(with_attribute("x", false), "ok");
  EXPECT_EQ(with_attribute("x", true), "malformed_record");
  EXPECT_EQ(with_attribute("task", false), "malformed_record");
  EXPECT_EQ(with_attribute("effective_at", false), "malformed_record");
  EXPECT_EQ(with_attribute("", false), "malformed_record");
  EXPECT_EQ(with_attribute("\xff", false), "invalid_utf8");
}

// A few bytes may refer to one string many times: what it unfolds to is bounded.
TEST(HostileInput, ASmallBufferCannotUnfoldIntoALargeEvent) {
  const auto with_evidence = [](std::size_t bytes, std::size_t count) {
    WireEvent wire_event;
    auto& builder = wire_event.builder;
    const auto shared = builder.CreateString(std::string(bytes, 'x'));
    const auto list =
        builder.CreateVector(std::vector<flatbuffers::Offset<flatbuffers::String>>(count, shared));
    const auto task_at = builder.CreateString("T");
    wire::TaskBuilder task(builder);
    task.add_task(task_at);
    task.add_evidence(list);
    const auto data = task.Finish();
    return outcome(wire_event.finish(wire::EventType::task_completed, wire::EventData::Task, data.Union()));
  };
  EXPECT_EQ(with_evidence(100, 1024), "ok");
  EXPECT_EQ(with_evidence(100, 1025), "record_too_large");
  EXPECT_EQ(with_evidence(500'000, 100'000), "record_too_large");
  EXPECT_EQ(with_evidence(500'000, 2), "record_too_large");
}

TEST(HostileInput, AWrongIdentifierIsMalformed) {
  std::string bytes = WireEvent().observation("m", kOne);
  bytes[4] = 'X';
  EXPECT_EQ(outcome(bytes), "malformed_record");
}

TEST(HostileInput, MessagesAreOneLineOfValidTextWhateverTheRecord) {
  Decoder decoder = make_decoder();
  std::mt19937_64 random(3);
  for (const std::string& bytes : valid_encodings()) {
    for (int round = 0; round < 100; ++round) {
      std::string damaged = bytes;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      Event event;
      const OwnedRecord record = record_of(damaged);
      const auto result = decoder.decode(record.view(), kClock, event);
      if (result) continue;
      const std::string& message = result.error().message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_LT(message.size(), 600U) << message;
      std::string quoted = "\"";
      append_json_string(quoted, message);
      boost::json::error_code error;
      boost::json::parse(quoted.substr(1), error);
      EXPECT_FALSE(error) << message;
    }
  }
}

// The reason of a completed task's refusal, whose one attribute is `name`.
std::string reason_of_attribute(std::string_view name, wire::AttributeValue type,
                                flatbuffers::Offset<void> value, WireEvent& wire_event) {
  auto& builder = wire_event.builder;
  const auto name_at = builder.CreateString(name.data(), name.size());
  const auto list = std::vector{wire::CreateAttribute(builder, name_at, type, value)};
  const auto attributes = builder.CreateVector(list);
  const auto task_at = builder.CreateString("T");
  wire::TaskBuilder task(builder);
  task.add_task(task_at);
  const auto data = task.Finish();
  const OwnedRecord record = record_of(wire_event.finish(
      wire::EventType::task_completed, wire::EventData::Task, data.Union(), 0, "e", attributes));
  Decoder decoder = make_decoder();
  Event event;
  const auto result = decoder.decode(record.view(), kClock, event);
  return result ? "accepted" : result.error().message;
}

TEST(HostileInput, AnAttributesNameIsQuotedInTheReason) {
  using enum wire::AttributeValue;
  const std::string quoted = "\"a?b\": ";
  for (const std::string& text : {std::string("\xff"), std::string(kAttributeTextBytesMax + 1, 'x')}) {
    WireEvent event;
    const auto text_at = event.builder.CreateString(text);
    const auto value = wire::CreateText(event.builder, text_at).Union();
    EXPECT_NE(reason_of_attribute("a\nb", Text, value, event).find(quoted), std::string::npos);
  }
  WireEvent event;
  const wire::Decimal number(1, 0, 19);
  const auto value = wire::CreateNumber(event.builder, &number).Union();
  EXPECT_NE(reason_of_attribute("a\nb", Number, value, event).find(quoted), std::string::npos);
  const std::string json = json_event(
      "task.completed", R"({"task":"T","a\nb":")" + std::string(kAttributeTextBytesMax + 1, 'x') + "\"}");
  Decoder decoder = make_decoder();
  Event decoded;
  const OwnedRecord record = record_of(json);
  EXPECT_NE(decoder.decode(record.view(), kClock, decoded).error().message.find(quoted), std::string::npos);
}

}  // namespace
}  // namespace slipstream::test
