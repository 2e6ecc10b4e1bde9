// Old and new versions of each wire schema read each other's bytes.
//
// golden/<schema>.bin are bytes once written from golden/<schema>.json; they stay readable for ever.
// evolution/previous holds older versions; the next version is made here from the current one, with a field
// more in every table. Run with SLIPSTREAM_REWRITE=1 to write golden bytes that are not there yet; existing
// ones are never rewritten.
#include <flatbuffers/idl.h>
#include <flatbuffers/reflection.h>
#include <gtest/gtest.h>
#include <slipstream_wire/alert_generated.h>
#include <slipstream_wire/checkpoint_generated.h>
#include <slipstream_wire/dead_letter_generated.h>
#include <slipstream_wire/event_generated.h>
#include <slipstream_wire/expulsion_generated.h>
#include <slipstream_wire/partial_generated.h>

#include <unistd.h>
#include <cstdlib>
#include <filesystem>

#include <fstream>
#include <regex>
#include <sstream>

#include "tests/decode/decode_fixture.h"

namespace slipstream::test {
namespace {

namespace fs = std::filesystem;

const fs::path kSource(SLIPSTREAM_SOURCE_DIR);
const fs::path kCurrent = kSource / "schemas";
const fs::path kPrevious = kSource / "tests/schemas/evolution/previous";
const fs::path kGolden = kSource / "tests/schemas/golden";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A schema loaded at run time, so that versions with the same names live beside each other.
class LoadedSchema {
 public:
  LoadedSchema(const std::string& text, const fs::path& includes) : parser_(options()) {
    const std::string include_path = includes.string();
    const char* paths[] = {include_path.c_str(), nullptr};
    EXPECT_TRUE(parser_.Parse(text.c_str(), paths)) << parser_.error_;
  }

  std::string bytes_of(const std::string& json) {
    EXPECT_TRUE(parser_.Parse(json.c_str())) << parser_.error_;
    return {reinterpret_cast<const char*>(parser_.builder_.GetBufferPointer()), parser_.builder_.GetSize()};
  }

  std::string text_of(const std::string& bytes) {
    std::string text;
    EXPECT_TRUE(flatbuffers::GenerateText(parser_, bytes.data(), &text));
    return text;
  }

  bool verifies(const std::string& bytes) {
    parser_.Serialize();
    const reflection::Schema& schema = *reflection::GetSchema(parser_.builder_.GetBufferPointer());
    return flatbuffers::Verify(schema, *schema.root_table(),
                               reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }

  std::string conflicts_with(const LoadedSchema& base) { return parser_.ConformTo(base.parser_); }

 private:
  static flatbuffers::IDLOptions options() {
    flatbuffers::IDLOptions options;
    options.strict_json = true;
    options.skip_unexpected_fields_in_json = true;
    return options;
  }
  flatbuffers::Parser parser_;
};

bool verifies_generated(const std::string& schema, const std::string& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (schema == "event") return wire::VerifyEventBuffer(verifier);
  if (schema == "partial") return wire::VerifyPartialBatchBuffer(verifier);
  if (schema == "alert") return wire::VerifyAlertBuffer(verifier);
  if (schema == "checkpoint") return wire::VerifyCheckpointBuffer(verifier);
  if (schema == "expulsion") return wire::VerifyExpulsionBuffer(verifier);
  return schema == "dead_letter" && wire::VerifyDeadLetterBuffer(verifier);
}

// Every table of the text gets one field more, with the id that follows its last one.
std::string with_later_fields(const std::string& text) {
  static const std::regex id(R"(\(id: (\d+)\))");
  std::istringstream lines(text);
  std::string out, line;
  bool in_table = false;
  int next_id = 0;
  while (std::getline(lines, line)) {
    if (line.rfind("table ", 0) == 0) {
      in_table = true;
      next_id = 0;
    }
    for (std::sregex_iterator match(line.begin(), line.end(), id), end; match != end; ++match)
      next_id = std::max(next_id, std::stoi((*match)[1]) + 1);
    const std::size_t brace = line.find('}');
    if (in_table && brace != std::string::npos) {
      line.insert(brace, "later_field: string (id: " + std::to_string(next_id) + ");");
      in_table = false;
    }
    out += line + "\n";
  }
  return out;
}

// A copy of the current schemas with later fields, in a folder of the test's own.
fs::path next_version_folder() {
  const fs::path folder =
      fs::path(::testing::TempDir()) / ("slipstream_next_schemas_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  for (const char* name : {"common", "event", "partial", "alert", "checkpoint", "dead_letter", "expulsion"}) {
    const std::string file = std::string(name) + ".fbs";
    std::ofstream(folder / file) << with_later_fields(read_file(kCurrent / file));
  }
  return folder;
}

class WireEvolution : public ::testing::TestWithParam<const char*> {
 protected:
  std::string schema() const { return GetParam(); }
  LoadedSchema load(const fs::path& folder) const {
    return {read_file(folder / (schema() + ".fbs")), folder};
  }
  std::string json() const { return read_file(kGolden / (schema() + ".json")); }
  std::string golden() const {
    const fs::path path = kGolden / (schema() + ".bin");
    if (std::getenv("SLIPSTREAM_REWRITE") != nullptr && !fs::exists(path))
      std::ofstream(path, std::ios::binary) << load(kCurrent).bytes_of(json());
    return read_file(path);
  }
};

TEST_P(WireEvolution, GoldenBytesStillSayTheSame) {
  LoadedSchema current = load(kCurrent);
  EXPECT_TRUE(verifies_generated(schema(), golden()));
  EXPECT_EQ(current.text_of(golden()), current.text_of(current.bytes_of(json())));
}

TEST_P(WireEvolution, TheNewSchemaReadsOldBytes) {
  LoadedSchema previous = load(kPrevious);
  LoadedSchema current = load(kCurrent);
  const std::string old_bytes = previous.bytes_of(json());
  EXPECT_TRUE(verifies_generated(schema(), old_bytes));
  EXPECT_EQ(current.text_of(old_bytes), previous.text_of(old_bytes));
  EXPECT_NE(current.text_of(old_bytes), current.text_of(golden())) << "the previous version lacks no field";
}

TEST_P(WireEvolution, TheOldSchemaReadsNewBytes) {
  LoadedSchema previous = load(kPrevious);
  const std::string old_bytes = previous.bytes_of(json());
  EXPECT_TRUE(previous.verifies(golden()));
  EXPECT_EQ(previous.text_of(golden()), previous.text_of(old_bytes));
}

TEST_P(WireEvolution, TheCurrentSchemaReadsBytesOfALaterOne) {
  LoadedSchema next = load(next_version_folder());
  LoadedSchema current = load(kCurrent);
  std::string later_json = json();
  later_json.insert(1, R"("later_field":"later",)");
  const std::string later_bytes = next.bytes_of(later_json);
  EXPECT_TRUE(verifies_generated(schema(), later_bytes));
  EXPECT_EQ(current.text_of(later_bytes), current.text_of(golden()));
  EXPECT_NE(next.text_of(later_bytes), current.text_of(golden())) << "the later version has no field more";
  EXPECT_TRUE(next.verifies(golden()));
}

TEST_P(WireEvolution, EachVersionConformsToTheOneBefore) {
  LoadedSchema previous = load(kPrevious);
  LoadedSchema current = load(kCurrent);
  LoadedSchema next = load(next_version_folder());
  EXPECT_EQ(current.conflicts_with(previous), "");
  EXPECT_EQ(next.conflicts_with(current), "");
}

TEST_P(WireEvolution, ARetypedFieldIsNoticed) {
  std::string text = read_file(kCurrent / (schema() + ".fbs"));
  const std::size_t root = text.find("(id: 1)", text.rfind("table "));
  ASSERT_NE(root, std::string::npos);
  const std::size_t colon = text.rfind(':', root - 1);
  text.replace(colon + 1, root - colon - 1, " short ");
  LoadedSchema retyped(text, kCurrent);
  EXPECT_NE(retyped.conflicts_with(load(kCurrent)), "");
}

INSTANTIATE_TEST_SUITE_P(AllSchemas, WireEvolution,
                         ::testing::Values("event", "partial", "alert", "checkpoint", "dead_letter",
                                           "expulsion"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(WireEvolutionOfEvents, TheDecoderReadsGoldenOldAndLaterBytes) {
  const std::string json = read_file(kGolden / "event.json");
  LoadedSchema previous(read_file(kPrevious / "event.fbs"), kPrevious);
  const fs::path next_folder = next_version_folder();
  LoadedSchema next(read_file(next_folder / "event.fbs"), next_folder);
  std::string later_json = json;
  later_json.insert(1, R"("later_field":"later",)");
  const std::vector<OwnedRecord> records{record_of(read_file(kGolden / "event.bin")),
                                         record_of(next.bytes_of(later_json)),
                                         record_of(previous.bytes_of(json))};
  Decoder decoder = make_decoder();
  std::vector<Event> events(records.size());
  for (std::size_t i = 0; i < records.size(); ++i)
    ASSERT_EQ(outcome(decoder, records[i], events[i]), "ok");
  EXPECT_TRUE(same_event(events[0], events[1]));
  EXPECT_EQ(events[0].attributes.size(), 3U)
      << "the two of the list, and `counts`, which an assignment does not have";
  EXPECT_EQ(events[0].find_attribute("cost")->as_decimal(), Decimal::from_units(-1, 2));
  EXPECT_EQ(*events[0].find(Field::weight), Value::decimal(Decimal::from_units(25, 1)));
  EXPECT_TRUE(events[2].attributes.empty()) << "the previous version had no attributes";
  EXPECT_EQ(*events[2].find(Field::title), *events[0].find(Field::title));
}

}  // namespace
}  // namespace slipstream::test
