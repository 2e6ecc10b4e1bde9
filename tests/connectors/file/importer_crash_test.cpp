// An import that dies at any commit, before or after the log has taken it, and is started again leaves
// exactly what an import without a crash leaves.
#include "connectors/file/importer.h"

#include <fmt/format.h>

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::good_mapping;
using testing::import_options;
using testing::records_of;
using testing::TemporaryFolder;
using testing::text_of_file;

enum class Crash { before_the_commit, after_the_commit };

// The commit with number `at` (from 0, over all producers) fails; -1: none.
class CrashingLog final : public testing::ForwardingLog {
 public:
  CrashingLog(EventLog& log, int at, Crash crash) : ForwardingLog(log), at_(at), crash_(crash) {}

  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override {
    SLIPSTREAM_ASSIGN(auto inner, ForwardingLog::open_producer(identity));
    return std::unique_ptr<Producer>(std::make_unique<CrashingProducer>(*this, std::move(inner)));
  }

 private:
  struct CrashingProducer final : Producer {
    CrashingProducer(CrashingLog& owner, std::unique_ptr<Producer> producer)
        : log(owner), inner(std::move(producer)) {}
    Result<std::vector<Offset>> commit(const Transaction& transaction) override {
      const bool now = log.commits_++ == log.at_;
      if (now && log.crash_ == Crash::before_the_commit) return fail(ErrorCode::log_unavailable, "crash");
      auto result = inner->commit(transaction);
      if (now) return fail(ErrorCode::log_unavailable, "crash");
      return result;
    }
    CrashingLog& log;
    std::unique_ptr<Producer> inner;
  };

  int at_;
  Crash crash_;
  int commits_ = 0;
};

constexpr std::string_view kObservations =
    "format: csv\ntime_zone: UTC\nsource: sensors\n"
    "events: [{ type: observation, when: v, id: \"{n}\", time: at, fields: { metric: \"=m\", node: node, "
    "value: v } }]\n";

std::string observations_file(int rows) {
  std::string text = "n,at,node,v\n";
  for (int i = 0; i < rows; ++i) {
    if (i % 7 == 3)
      text += fmt::format("{},never,a,1\n", i);
    else if (i % 5 == 4)
      text += fmt::format("{},2025-01-01,a,\n", i);
    else
      text += fmt::format("{},2025-01-01,\"node {}\n\",{}\n", i, i % 3, i);
  }
  return text;
}

Result<ImportResult> import_with_crash(MemoryLog& log, const ImportOptions& options,
                                       const std::filesystem::path& path, const Mapping& mapping, int at,
                                       Crash crash) {
  CrashingLog crashing(log, at, crash);
  Importer importer(&crashing, options);
  SLIPSTREAM_TRY(importer.prepare());
  return importer.import_file(path, mapping);
}

TEST(ImporterCrash, at_every_batch_leaves_what_no_crash_leaves) {
  const TemporaryFolder folder;
  const auto path = folder.write("o.csv", observations_file(23));
  const Mapping mapping = good_mapping(kObservations);
  ImportOptions options = import_options();
  options.batch_rows = 3;
  options.report = folder.path() / "expected.csv";
  MemoryLog undisturbed;
  const auto expected = import_with_crash(undisturbed, options, path, mapping, -1, Crash::before_the_commit);
  ASSERT_TRUE(expected) << expected.error().message;
  const std::string expected_report = text_of_file(options.report);
  EXPECT_GT(expected->total.bad, 0U);
  EXPECT_GT(expected->total.skipped, 0U);
  options.report = folder.path() / "bad.csv";
  const int batches = 23 / 3 + 1;
  for (const Crash crash : {Crash::before_the_commit, Crash::after_the_commit}) {
    for (int at = 0; at < batches; ++at) {
      MemoryLog log;
      const auto broken = import_with_crash(log, options, path, mapping, at, crash);
      ASSERT_FALSE(broken) << at;
      const auto resumed = import_with_crash(log, options, path, mapping, -1, crash);
      ASSERT_TRUE(resumed) << resumed.error().message;
      EXPECT_EQ(records_of(log, "events"), records_of(undisturbed, "events")) << at;
      EXPECT_EQ(text_of_file(options.report), expected_report) << at;
      LedgerEntry total = resumed->total;
      EXPECT_EQ(total, expected->total) << at;
    }
  }
}

TEST(ImporterCrash, an_interruption_after_any_row_leaves_what_no_interruption_leaves) {
  const TemporaryFolder folder;
  const auto path = folder.write("o.csv", observations_file(23));
  const Mapping mapping = good_mapping(kObservations);
  ImportOptions options = import_options();
  options.batch_rows = 4;
  MemoryLog undisturbed;
  const auto expected = import_with_crash(undisturbed, options, path, mapping, -1, Crash::before_the_commit);
  ASSERT_TRUE(expected) << expected.error().message;
  for (std::uint64_t after = 1; after < expected->total.rows; ++after) {
    MemoryLog log;
    std::uint64_t rows = 0;
    options.should_stop = [&] { return ++rows == after; };
    const auto stopped = import_with_crash(log, options, path, mapping, -1, Crash::before_the_commit);
    ASSERT_TRUE(stopped) << stopped.error().message;
    EXPECT_EQ(stopped->outcome, ImportOutcome::interrupted);
    EXPECT_EQ(stopped->total.rows, after);
    const auto resumed = import_with_crash(log, options, path, mapping, -1, Crash::before_the_commit);
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->resumed_at, after);
    EXPECT_EQ(resumed->total, expected->total);
    EXPECT_EQ(records_of(log, "events"), records_of(undisturbed, "events")) << after;
  }
}

TEST(ImporterCrash, at_every_batch_of_one_import_after_another_leaves_what_no_crash_leaves) {
  const TemporaryFolder folder;
  const auto path = folder.write("o.csv", observations_file(40));
  const Mapping mapping = good_mapping(kObservations);
  ImportOptions options = import_options();
  options.batch_rows = 2;
  MemoryLog undisturbed, log;
  ASSERT_TRUE(import_with_crash(undisturbed, options, path, mapping, -1, Crash::before_the_commit));
  int runs = 0;
  while (!import_with_crash(log, options, path, mapping, 1,
                            runs % 2 == 0 ? Crash::before_the_commit : Crash::after_the_commit))
    ASSERT_LT(++runs, 100);
  EXPECT_GT(runs, 10);
  EXPECT_EQ(records_of(log, "events"), records_of(undisturbed, "events"));
}

}  // namespace
}  // namespace slipstream
