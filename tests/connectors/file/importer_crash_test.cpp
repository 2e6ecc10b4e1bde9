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

// Forwards to a log; the commit with number `at` (from 0, over all producers) fails.
class CrashingLog final : public EventLog {
 public:
  CrashingLog(EventLog& log, int at, Crash crash) : log_(log), at_(at), crash_(crash) {}

  Result<> create_topic(const TopicOptions& options) override { return log_.create_topic(options); }
  Result<std::vector<TopicOptions>> topics() override { return log_.topics(); }
  Result<OffsetRange> offsets(const TopicPartition& at) override { return log_.offsets(at); }
  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    return log_.append(records);
  }
  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override {
    SLIPSTREAM_ASSIGN(auto inner, log_.open_producer(identity));
    return std::unique_ptr<Producer>(std::make_unique<CrashingProducer>(*this, std::move(inner)));
  }
  std::unique_ptr<Reader> open_reader() override { return log_.open_reader(); }
  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return log_.committed(group, member);
  }
  Result<std::uint64_t> clean(Timestamp now) override { return log_.clean(now); }

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

  EventLog& log_;
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

// `at` -1: no crash.
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
