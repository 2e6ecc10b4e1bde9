#include "connectors/file/importer.h"

#include <set>

#include "engine/decode/encoder.h"
#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::count_of;
using testing::good_mapping;
using testing::import_options;
using testing::kNow;
using testing::kTaskMapping;
using testing::records_of;
using testing::TemporaryFolder;
using testing::text_of_file;

constexpr std::string_view kTasks =
    "id,unit,assigned,due,completed\n"
    "1,Roads,2025-01-01,2025-02-01,2025-01-20\n"
    "2,Parks,2025-01-02,bad date,\n"
    "3,Parks,2025-01-03,2025-02-03,\n"
    "4,Roads,2025-01-04,,2025-01-21\n";

Result<ImportResult> import_one(EventLog* log, const ImportOptions& options,
                                const std::filesystem::path& path, const Mapping& mapping) {
  Importer importer(log, options);
  SLIPSTREAM_TRY(importer.prepare());
  return importer.import_file(path, mapping);
}

TEST(Importer, events_go_to_the_partition_of_their_key) {
  const TemporaryFolder folder;
  MemoryLog log;
  const auto result =
      import_one(&log, import_options(), folder.write("t.csv", kTasks), good_mapping(kTaskMapping));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->outcome, ImportOutcome::imported);
  EXPECT_EQ(result->total.rows, 4U);
  EXPECT_EQ(result->total.events, 5U);
  EXPECT_EQ(result->total.bad, 1U);
  EXPECT_EQ(count_of(log, "events"), 5U);
  for (const auto& [partition, records] : records_of(log, "events"))
    for (const auto& [key, value] : records)
      EXPECT_EQ(partition_of(key, 4).value, partition);
}

TEST(Importer, reference_events_go_to_the_reference_topic) {
  const TemporaryFolder folder;
  MemoryLog log;
  const Mapping mapping = good_mapping(
      "format: csv\ntime_zone: UTC\nsource: units\n"
      "events: [{ type: unit.created, id: \"{unit}\", time: \"=2025-01-01\", fields: { unit: unit, name: "
      "name } }]\n");
  ASSERT_TRUE(import_one(&log, import_options(), folder.write("u.csv", "unit,name\na,A\nb,B\n"), mapping));
  EXPECT_EQ(count_of(log, "events"), 0U);
  EXPECT_EQ(records_of(log, "reference")[0].size(), 2U);
}

TEST(Importer, an_existing_events_topic_keeps_its_partitions) {
  const TemporaryFolder folder;
  MemoryLog log;
  ASSERT_TRUE(log.create_topic({"events", 3, Cleanup::retain, days(400), {}}));
  ASSERT_TRUE(import_one(&log, import_options(), folder.write("t.csv", kTasks), good_mapping(kTaskMapping)));
  for (const auto& [partition, records] : records_of(log, "events"))
    for (const auto& [key, value] : records)
      EXPECT_EQ(partition_of(key, 3).value, partition);
}

TEST(Importer, the_same_content_again_adds_nothing_under_any_name) {
  const TemporaryFolder folder;
  MemoryLog log;
  const Mapping mapping = good_mapping(kTaskMapping);
  ASSERT_TRUE(import_one(&log, import_options(), folder.write("t.csv", kTasks), mapping));
  const auto before = records_of(log, "events");
  const auto again = import_one(&log, import_options(), folder.write("renamed.csv", kTasks), mapping);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->outcome, ImportOutcome::already_imported);
  EXPECT_EQ(again->total.events, 5U);
  EXPECT_EQ(records_of(log, "events"), before);
}

TEST(Importer, other_content_another_mapping_or_force_imports) {
  const TemporaryFolder folder;
  MemoryLog log;
  const Mapping mapping = good_mapping(kTaskMapping);
  const auto path = folder.write("t.csv", kTasks);
  ASSERT_TRUE(import_one(&log, import_options(), path, mapping));
  ImportOptions forced = import_options();
  forced.force = true;
  EXPECT_EQ(import_one(&log, forced, path, mapping)->outcome, ImportOutcome::imported);
  EXPECT_EQ(count_of(log, "events"), 10U);
  const Mapping other = good_mapping(std::string(kTaskMapping) + "delimiter: \",\"\n");
  EXPECT_EQ(import_one(&log, import_options(), path, other)->outcome, ImportOutcome::imported);
  const auto longer = folder.write("t.csv", std::string(kTasks) + "5,Roads,2025-01-04,,\n");
  EXPECT_EQ(import_one(&log, import_options(), longer, mapping)->outcome, ImportOutcome::imported);
  EXPECT_EQ(count_of(log, "events"), 21U);
}

TEST(Importer, a_dry_run_counts_and_reports_but_appends_nothing) {
  const TemporaryFolder folder;
  ImportOptions options = import_options();
  options.dry_run = true;
  options.report = folder.path() / "bad.csv";
  const auto result = import_one(nullptr, options, folder.write("t.csv", kTasks), good_mapping(kTaskMapping));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->total.events, 5U);
  EXPECT_EQ(result->total.bad, 1U);
  EXPECT_NE(text_of_file(options.report).find("t.csv,3,due,invalid_timestamp"), std::string::npos);
}

TEST(Importer, bad_rows_of_several_files_stand_in_one_report) {
  const TemporaryFolder folder;
  MemoryLog log;
  const Mapping mapping = good_mapping(kTaskMapping);
  ImportOptions options = import_options();
  options.report = folder.path() / "bad.csv";
  const auto one = folder.write("one.csv", kTasks);
  const auto two = folder.write("two.csv", std::string(kTasks) + "6\n");
  Importer importer(&log, options);
  ASSERT_TRUE(importer.prepare());
  ASSERT_TRUE(importer.import_file(one, mapping));
  ASSERT_TRUE(importer.import_file(two, mapping));
  const std::string report = text_of_file(options.report);
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 4);
  EXPECT_NE(report.find("one.csv,3,due"), std::string::npos);
  EXPECT_NE(report.find("two.csv,6,,malformed_record"), std::string::npos);
}

TEST(Importer, too_many_bad_rows_stop_it_before_their_batch) {
  const TemporaryFolder folder;
  MemoryLog log;
  ImportOptions options = import_options();
  options.batch_rows = 1;
  options.bad_rows_max = 0;
  options.report = folder.path() / "bad.csv";
  const auto path = folder.write("t.csv", kTasks);
  const auto result = import_one(&log, options, path, good_mapping(kTaskMapping));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcome, ImportOutcome::stopped_by_bad_rows);
  EXPECT_EQ(count_of(log, "events"), 2U);
  EXPECT_NE(text_of_file(options.report).find(",3,due,"), std::string::npos);
  options.bad_rows_max = 1;
  EXPECT_EQ(import_one(&log, options, path, good_mapping(kTaskMapping))->outcome, ImportOutcome::imported);
  EXPECT_EQ(count_of(log, "events"), 5U);
  const std::string report = text_of_file(options.report);
  EXPECT_EQ(std::count(report.begin(), report.end(), '\n'), 2);
}

TEST(Importer, progress_tells_rows_bytes_events_bad_and_rate) {
  const TemporaryFolder folder;
  MemoryLog log;
  ImportOptions options = import_options();
  options.batch_rows = 2;
  Timestamp now = kNow;
  options.clock = [&now] { return now = now + seconds(1); };
  std::vector<ImportProgress> progress;
  options.progress = [&](const ImportProgress& p) { progress.push_back(p); };
  ASSERT_TRUE(import_one(&log, options, folder.write("t.csv", kTasks), good_mapping(kTaskMapping)));
  ASSERT_EQ(progress.size(), 3U);
  EXPECT_EQ(progress[0].total.rows, 2U);
  EXPECT_EQ(progress[0].total.bad, 1U);
  EXPECT_LT(progress[0].total.next.offset, kTasks.size());
  EXPECT_EQ(progress[2].bytes, kTasks.size());
  EXPECT_EQ(progress[2].total.next.offset, kTasks.size());
  EXPECT_TRUE(progress[2].total.done);
  EXPECT_GT(progress[2].rows_per_second, 0);
}

TEST(Importer, a_second_import_of_the_same_file_fences_the_first) {
  const TemporaryFolder folder;
  MemoryLog log;
  const Mapping mapping = good_mapping(kTaskMapping);
  const auto path = folder.write("t.csv", kTasks);
  ImportOptions slow = import_options();
  slow.batch_rows = 1;
  bool overtaken = false;
  slow.progress = [&](const ImportProgress&) {
    if (std::exchange(overtaken, true)) return;
    const auto second = import_one(&log, import_options(), path, mapping);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->resumed_at, 1U);
  };
  const auto first = import_one(&log, slow, path, mapping);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::fenced);
  EXPECT_EQ(count_of(log, "events"), 5U);
}

TEST(Importer, a_file_that_does_not_fit_its_mapping_changes_nothing) {
  const TemporaryFolder folder;
  MemoryLog log;
  const auto result =
      import_one(&log, import_options(), folder.write("t.csv", "a,b\n1,2\n"), good_mapping(kTaskMapping));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unknown_name);
  EXPECT_EQ(count_of(log, "events"), 0U);
  EXPECT_EQ(count_of(log, "imports"), 0U);
}

}  // namespace
}  // namespace slipstream
