#include "engine/decode/catalogue.h"

#include <gtest/gtest.h>
#include <slipstream_wire/event_generated.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "engine/decode/catalogue_text.h"

namespace slipstream {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Run with SLIPSTREAM_REWRITE=1 to write the files anew.
void expect_file(const std::string& path, const std::string& expected) {
  const std::string full = std::string(SLIPSTREAM_SOURCE_DIR) + "/" + path;
  if (std::getenv("SLIPSTREAM_REWRITE") != nullptr) std::ofstream(full, std::ios::binary) << expected;
  EXPECT_EQ(read_file(full), expected)
      << path << " differs from the catalogue; run with SLIPSTREAM_REWRITE=1";
}

TEST(Catalogue, NamesOfTypesAndFieldsAreFoundAgain) {
  for (const EventDefinition& definition : event_definitions()) {
    EXPECT_EQ(find_event_type(definition.name), definition.type);
    EXPECT_EQ(find_event_type("vn.gov.city." + std::string(definition.name)), definition.type);
    EXPECT_EQ(find_event_type("x" + std::string(definition.name)), std::nullopt);
    EXPECT_EQ(find_event_type(std::string(definition.name) + ".v2"), std::nullopt);
    EXPECT_EQ(name_of(definition.type), definition.name);
    EXPECT_EQ(event_type_of(static_cast<std::uint8_t>(definition.type)), definition.type);
  }
  for (const FieldDefinition& field : field_definitions()) {
    EXPECT_EQ(find_field(field.name), field.field);
    EXPECT_EQ(name_of(field.field), field.name);
  }
  EXPECT_EQ(find_event_type(""), std::nullopt);
  EXPECT_EQ(find_field("nonsense"), std::nullopt);
}

TEST(Catalogue, AnObservationHasTwoNames) {
  EXPECT_EQ(find_event_type("observation.recorded"), EventType::observation);
  EXPECT_EQ(find_event_type("vn.gov.observation.recorded"), EventType::observation);
}

TEST(Catalogue, NumbersOnTheWireAreTheEngines) {
  std::size_t known = 0;
  for (const wire::EventType type : wire::EnumValuesEventType()) {
    if (type == wire::EventType::not_given) continue;
    const auto found = event_type_of(static_cast<std::uint8_t>(type));
    ASSERT_TRUE(found) << wire::EnumNameEventType(type);
    std::string name(name_of(*found));
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) name[dot] = '_';
    EXPECT_EQ(name, wire::EnumNameEventType(type));
    ++known;
  }
  EXPECT_EQ(known, event_definitions().size());
}

TEST(Catalogue, EveryFieldIsUsedAndEveryRuleNamesFieldsOfItsType) {
  std::set<Field> used;
  for (const EventDefinition& definition : event_definitions()) {
    EXPECT_FALSE(definition.meaning.empty()) << definition.name;
    std::set<Field> own;
    for (const FieldUse& use : definition.fields)
      EXPECT_TRUE(own.insert(use.field).second) << definition.name << " has " << use.name << " twice";
    used.insert(own.begin(), own.end());
    for (const Field field : definition.at_least_one_of)
      EXPECT_TRUE(own.count(field)) << definition.name;
    EXPECT_TRUE(!definition.subject || own.count(*definition.subject)) << definition.name;
  }
  for (const FieldDefinition& field : field_definitions()) {
    EXPECT_TRUE(used.count(field.field)) << field.name << " is used by no event type";
    EXPECT_FALSE(is_envelope_member(field.name)) << field.name;
    EXPECT_FALSE(field.meaning.empty()) << field.name;
  }
}

TEST(Catalogue, TheReferencePageIsTheCatalogue) { expect_file("docs/events.md", events_reference()); }

TEST(Catalogue, TheJsonSchemasAreTheCatalogue) {
  for (const EventDefinition& definition : event_definitions())
    expect_file("schemas/json/" + std::string(definition.name) + ".json", json_schema_of(definition.type));
  expect_file("schemas/json/event.json", json_schema_of_all());
}

}  // namespace
}  // namespace slipstream
