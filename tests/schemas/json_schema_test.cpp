// The JSON Schemas against the decoder: what one takes the other takes, save where a schema cannot say the
// rule.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tests/decode/bad_events.h"

namespace slipstream::test {
namespace {

using valijson::adapters::BoostJsonAdapter;

const std::filesystem::path kSchemas = std::filesystem::path(SLIPSTREAM_SOURCE_DIR) / "schemas" / "json";

boost::json::value load(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return boost::json::parse(text.str());
}

boost::json::array examples_of(EventType type) {
  return load(kSchemas / "examples" / (std::string(name_of(type)) + ".json")).as_array();
}

class EventSchema {
 public:
  explicit EventSchema(const std::filesystem::path& path) : document_(load(path)) {
    valijson::SchemaParser parser;
    const auto fetch = [](const std::string& name) {
      return new boost::json::value(load(kSchemas / std::filesystem::path(name).filename()));
    };
    parser.populateSchema(
        BoostJsonAdapter(document_), schema_,
        std::function<const boost::json::value*(const std::string&)>(fetch),
        std::function<void(const boost::json::value*)>([](const boost::json::value* v) { delete v; }));
  }

  bool takes(const boost::json::value& event, std::string* why = nullptr) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    const bool valid = validator.validate(schema_, BoostJsonAdapter(event), &results);
    if (why != nullptr)
      for (const auto& error : results)
        *why += error.description + "; ";
    return valid;
  }

 private:
  boost::json::value document_;
  valijson::Schema schema_;
};

const EventSchema& schema_of(EventType type) {
  static std::map<EventType, std::unique_ptr<EventSchema>> loaded;
  auto& schema = loaded[type];
  if (!schema) schema = std::make_unique<EventSchema>(kSchemas / (std::string(name_of(type)) + ".json"));
  return *schema;
}

TEST(JsonSchema, EveryTypeHasExamplesThatSchemaAndDecoderTake) {
  for (const EventDefinition& definition : event_definitions()) {
    const boost::json::array examples = examples_of(definition.type);
    EXPECT_FALSE(examples.empty()) << definition.name;
    for (const auto& example : examples) {
      std::string why;
      EXPECT_TRUE(schema_of(definition.type).takes(example, &why)) << definition.name << ": " << why;
      Decoder decoder = make_decoder();
      Event event;
      const OwnedRecord record = record_of(boost::json::serialize(example));
      const auto result = decoder.decode(record.view(), kClock, event);
      EXPECT_TRUE(result) << result.error().message;
      EXPECT_EQ(event.type, definition.type);
    }
  }
}

TEST(JsonSchema, TheSchemaOfAllTakesEachExampleOnce) {
  const EventSchema all(kSchemas / "event.json");
  for (const EventDefinition& definition : event_definitions())
    for (const boost::json::value& example : examples_of(definition.type))
      EXPECT_TRUE(all.takes(example)) << example;
}

// valijson's adapter does not know Boost.JSON's unsigned integers, which stand for numbers beyond 63 bits.
void make_unsigned_doubles(boost::json::value& value) {
  if (value.is_uint64()) value = static_cast<double>(value.as_uint64());
  if (auto* object = value.if_object())
    for (auto& member : *object)
      make_unsigned_doubles(member.value());
}

TEST(JsonSchema, TakesWhateverTheEncoderWrites) {
  EventGenerator generator(5);
  for (const EventDefinition& definition : event_definitions()) {
    for (int round = 0; round < 10; ++round) {
      const std::string json = *encode_json(generator.of(definition.type).event);
      boost::json::value document = boost::json::parse(json);
      make_unsigned_doubles(document);
      std::string why;
      EXPECT_TRUE(schema_of(definition.type).takes(document, &why)) << why << "\n" << json;
    }
  }
}

TEST(JsonSchema, AgreesWithTheDecoderOnBadEvents) {
  for (const BadEvent& bad : bad_events()) {
    boost::json::error_code error;
    const auto document = boost::json::parse(bad.json, error);
    ASSERT_FALSE(error) << bad.why;
    EXPECT_NE(outcome(bad.json), "ok") << bad.why;
    EXPECT_EQ(schema_of(bad.type).takes(document), !bad.schema_refuses) << bad.why << "\n" << bad.json;
  }
}

TEST(JsonSchema, ASchemaRefusesTheEventsOfOtherTypes) {
  const boost::json::value example = examples_of(EventType::task_completed).at(0);
  EXPECT_FALSE(schema_of(EventType::task_accepted).takes(example));
  EXPECT_FALSE(schema_of(EventType::observation).takes(example));
}

}  // namespace
}  // namespace slipstream::test
