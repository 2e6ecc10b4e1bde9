// Half a year of a national health target: coverage, trajectory, gap and status by day, and when it slipped.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "connectors/definition/load_file.h"
#include "engine/decode/encoder.h"
#include "engine/judge/alert_record.h"
#include "engine/state/memory_store.h"
#include "tests/permits/replay.h"

namespace slipstream::testing {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class Vaccination : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = real_data("vaccination");
    if (!folder_) GTEST_SKIP() << "no real data beside the repository (../shared/data/vaccination)";
    Diagnostics diagnostics;
    plan_ = load_definition_file(test_file("vaccination/definitions.yaml"), diagnostics);
    ASSERT_TRUE(plan_) << (diagnostics.empty() ? "" : format_diagnostic(diagnostics.front()));
    events_ = read_events(*folder_ / "states.csv", test_file("vaccination/states.mapping.yaml"));
    const auto reports = read_events(*folder_ / "measurements.csv", test_file("vaccination/measurements.mapping.yaml"));
    events_.insert(events_.end(), reports.begin(), reports.end());
    after_ = *parse_timestamp("2021-07-05T00:00:00-04:00");
  }

  // The oracle's lines: node, day, people, coverage, trajectory, gap, status from 2021-01-19 to 2021-07-04.
  std::string coverage_by_day(const CommittedState& state) const {
    std::string out = "node,day,people,coverage,trajectory,gap,status\n";
    ViewQuery query;
    query.from = parse_timestamp("2021-01-19T00:00:00-05:00").value();
    query.to = after_;
    const auto read = read_kpi(state, 0, query, [&](KpiRow&& row) {
      const CivilDate day = plan_->zone.date_of(row.row.window.end - microseconds(1));
      if (!row.number || day < CivilDate{2021, 1, 19} || day > CivilDate{2021, 7, 4}) return true;
      // The day before the target's period has no target yet; the oracle counts it as on course at 0.
      const bool before = day == CivilDate{2021, 1, 19};
      const Rational expected = row.judgement.expected.value_or(Rational(0));
      const Rational gap = row.judgement.gap.value_or(*row.number - expected);
      const std::string status = before ? std::string("green") : std::string(name_of(row.judgement.status));
      out += fmt::format("{},{},{},{},{},{},{}\n", row.row.node, format_date(day), format_value(row.row.measures[0], plan_->zone),
                         format_rational(*row.number, 6), format_rational(expected, 6), format_rational(gap, 6), status);
      return true;
    });
    EXPECT_TRUE(read);
    return out;
  }

  std::optional<std::filesystem::path> folder_;
  std::shared_ptr<const Plan> plan_;
  std::vector<ImportedEvent> events_;
  Timestamp after_;
};

TEST_F(Vaccination, CoverageTrajectoryGapAndStatusMatchTheOracleToTheDigit) {
  const Replay run(plan_, events_, after_, {});
  EXPECT_EQ(coverage_by_day(run.state()), read_text(*folder_ / "expected" / "coverage_by_day.csv"));
}

TEST_F(Vaccination, AreTheSameBytesShuffledOverEightPartitionsWithCrashes) {
  Disorder disorder;
  disorder.partitions = 8;
  disorder.batch = 997;
  disorder.shuffle_seed = 7;
  disorder.duplicates_percent = 10;
  disorder.crashes = Crashes::random;
  EXPECT_EQ(Replay(plan_, events_, after_, disorder).dump(), Replay(plan_, events_, after_, {}).dump());
}

}  // namespace
}  // namespace slipstream::testing
