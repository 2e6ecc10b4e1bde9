// The mappings of the two real data sets, against the files themselves.
#include <set>

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::decoded;
using testing::import_options;
using testing::records_of;

const std::filesystem::path kSource = SLIPSTREAM_SOURCE_DIR;
const std::filesystem::path kData = kSource / ".." / "shared" / "data";

class RealMappings : public ::testing::Test {
 protected:
  void SetUp() override {
    // The data is not ours to publish: it lies beside the repository where there is one. CI counts a skip as
    // a failure.
    if (!std::filesystem::exists(kData / "permits" / "cases.csv"))
      GTEST_SKIP() << "the real data sets are not there: "
                   << kData.lexically_normal().string();  // in continuous integration a failure
  }

  ImportResult import(const std::string& set, const std::string& name) {
    Diagnostics diagnostics;
    const auto mapping_path = kSource / "tests" / set / (name + ".mapping.yaml");
    const auto document = read_yaml_file(mapping_path, diagnostics);
    auto mapping = document ? load_mapping(*document, mapping_path.string(), diagnostics) : std::nullopt;
    for (const Diagnostic& diagnostic : diagnostics)
      ADD_FAILURE() << format_diagnostic(diagnostic);
    if (!mapping) return {};
    Importer importer(&log_, import_options());
    EXPECT_TRUE(importer.prepare());
    const auto result =
        importer.import_file(kData / set / (name + ".csv"), *mapping, mapping_path.parent_path());
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(ImportResult{});
  }

  // Calls `use` with each event of the log.
  void each_event(const std::function<void(const Event&)>& use) {
    Decoder decoder(DecodeOptions{});
    for (const auto& [partition, records] : records_of(log_, "events"))
      for (const auto& [key, value] : records) {
        const Event event = decoded(decoder, value);
        EXPECT_EQ(event.subject, key);
        use(event);
        decoder.release();
      }
  }

  MemoryLog log_;
};

TEST_F(RealMappings, every_permit_case_is_assigned_and_the_finished_ones_are_completed) {
  const ImportResult result = import("permits", "cases");
  EXPECT_EQ(result.total.rows, 1434U);
  EXPECT_EQ(result.total.bad, 0U);
  EXPECT_EQ(result.total.events, 1434U + 1434U - 105U);
  int late = 0;
  std::map<std::string, Timestamp> due;
  std::set<std::string> ids;
  each_event([&](const Event& event) {
    EXPECT_TRUE(ids.insert(std::string(event.id)).second) << event.id;
    if (event.type == EventType::task_assigned)
      due[std::string(event.subject)] = event.find(Field::due_at)->as_timestamp();
  });
  each_event([&](const Event& event) {
    if (event.type == EventType::task_completed)
      late += event.effective_at > due.at(std::string(event.subject)) ? 1 : 0;
  });
  EXPECT_EQ(late, 389);
}

TEST_F(RealMappings, every_permit_step_is_progress) {
  const ImportResult result = import("permits", "steps");
  EXPECT_EQ(result.total.bad, 0U);
  EXPECT_EQ(result.total.events, 8577U);
}

TEST_F(RealMappings, every_state_has_its_population_under_its_division) {
  const ImportResult result = import("vaccination", "states");
  EXPECT_EQ(result.total.bad, 0U);
  EXPECT_EQ(result.total.events, 51U);
  bool found = false;
  each_event([&](const Event& event) {
    if (event.subject != "South/East South Central/Alabama") return;
    found = true;
    EXPECT_EQ(event.find(Field::value)->as_decimal(), Decimal(5024279));
    EXPECT_EQ(event.find(Field::period_start)->as_timestamp(), *parse_timestamp("2020-04-01T04:00:00Z"));
  });
  EXPECT_TRUE(found);
}

TEST_F(RealMappings, a_measurement_counts_from_the_local_midnight_of_its_day) {
  const ImportResult result = import("vaccination", "measurements");
  EXPECT_EQ(result.total.bad, 0U);
  EXPECT_EQ(result.total.events, 38148U);
  Timestamp winter, summer;
  std::set<std::string> ids;
  each_event([&](const Event& event) {
    ids.insert(std::string(event.id));
    if (event.id == "Alabama/2020-12-15") winter = event.effective_at;
    if (event.id == "Alabama/2021-07-04") summer = event.effective_at;
  });
  EXPECT_EQ(winter, *parse_timestamp("2020-12-15T05:00:00Z"));
  EXPECT_EQ(summer, *parse_timestamp("2021-07-04T04:00:00Z"));
  EXPECT_EQ(ids.size(), 38097U);  // the file repeats one day for 51 states
}

}  // namespace
}  // namespace slipstream
