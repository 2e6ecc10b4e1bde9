// Half a year of a national health target: coverage, trajectory, gap and status by day, and when it slipped.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "connectors/definition/load_file.h"
#include "engine/decode/catalogue.h"
#include "engine/decode/decoder.h"
#include "engine/judge/alert_record.h"
#include "engine/state/memory_store.h"
#include "tests/permits/explained.h"
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
    // The data is not ours to publish: it lies beside the repository where there is one. CI counts a skip as
    // a failure.
    if (!folder_)
      GTEST_SKIP() << "no real data beside the repository (../shared/data/vaccination)";  // a failure in CI
    Diagnostics diagnostics;
    plan_ = load_definition_file(test_file("vaccination/definitions.yaml"), diagnostics);
    ASSERT_TRUE(plan_) << (diagnostics.empty() ? "" : format_diagnostic(diagnostics.front()));
    events_ = read_events(*folder_ / "states.csv", test_file("vaccination/states.mapping.yaml"));
    const auto reports =
        read_events(*folder_ / "measurements.csv", test_file("vaccination/measurements.mapping.yaml"));
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
      out += fmt::format("{},{},{},{},{},{},{}\n", row.row.node, format_date(day),
                         format_value(row.row.measures[0], plan_->zone), format_rational(*row.number, 6),
                         format_rational(expected, 6), format_rational(gap, 6), status);
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

TEST_F(Vaccination, EveryCellIsTheSumOfTheReportsItIsExplainedBy) {
  Disorder disorder;
  disorder.partitions = 3;
  disorder.shuffle_seed = 5;
  const Replay run(plan_, events_, after_, disorder);
  const CommittedState state = run.state();
  ViewQuery query;
  query.from = parse_timestamp("2021-01-19T00:00:00-05:00").value();
  query.to = after_;
  std::map<std::pair<std::string, std::string>, std::optional<Rational>> coverage;
  ASSERT_TRUE(read_kpi(state, 0, query, [&](KpiRow&& row) {
    coverage[{row.row.node, row.row.label}] = row.number;
    return true;
  }));
  const ExplainedCells explained =
      explain_cells(state, run.source(), query, [&](const ViewRow& row, const SummedMeasures& sums) {
        const std::optional<Rational>& shown = coverage.at({row.node, row.label});
        const auto people = sums.find("people");
        if (people == sums.end()) return shown ? "coverage without a report" : "";
        return shown == Rational(100 * people->second / sums.at("population"))
                   ? ""
                   : "not the quotient of its parts";
      });
  EXPECT_EQ(explained.problems, std::vector<std::string>());
  const std::string lines = read_text(*folder_ / "expected" / "coverage_by_day.csv");
  EXPECT_GE(explained.cells, static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n') - 1));
  RecordProperty("cells", static_cast<int>(explained.cells));
}

// The alert's transitions when the reports come in day by day, as they did.
std::vector<AlertRecord> live_transitions(const Plan& plan, const std::vector<ImportedEvent>& events,
                                          Timestamp until) {
  MemoryLog log;
  LocalEngine::Options options;
  options.resolution = minutes(1);
  const auto engine = LocalEngine::open(plan, options, log, [](Partition) -> Result<std::unique_ptr<Store>> {
    return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
  });
  EXPECT_TRUE(engine);
  std::map<Timestamp, std::vector<OutputRecord>> by_time;
  Decoder decoder({});
  for (const ImportedEvent& event : events) {
    Event decoded;
    RecordView record;
    record.value = event.bytes;
    EXPECT_TRUE(decoder.decode(record, Timestamp::max() - days(36'500), decoded));
    by_time[decoded.effective_at].push_back(
        {"events", Partition(0), event.key, event.bytes, {}, decoded.effective_at});
  }
  for (const auto& [at, records] : by_time) {
    if (at >= until) break;
    EXPECT_TRUE((*engine)->advance_to(at));
    EXPECT_TRUE(log.append(records));
    EXPECT_TRUE((*engine)->settle());
  }
  EXPECT_TRUE((*engine)->advance_to(until));
  EXPECT_TRUE((*engine)->advance_to(until + days(2)));
  std::vector<AlertRecord> transitions;
  const auto reader = log.open_reader();
  EXPECT_TRUE(reader->seek({"decisions", Partition(0)}, Offset(0)));
  const auto batches = reader->poll(10'000, 1 << 26, Duration{});
  EXPECT_TRUE(batches);
  for (const ReadBatch& batch : *batches)
    for (const RecordView& record : batch.records)
      transitions.push_back(*read_alert_record(record.value));
  return transitions;
}

TEST_F(Vaccination, TheAlertLogTellsWhenTheNationalTargetSlippedAndThatItNeverRecovered) {
  // From the oracle: the days at whose end the nation's status became red, or ceased to be.
  std::vector<std::string> expected;
  std::istringstream lines(read_text(*folder_ / "expected" / "status_changes.csv"));
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');)
      fields.push_back(cell);
    if (fields[0] != "US" || (fields[2] != "red" && fields[3] != "red")) continue;
    const CivilDate next_day = civil_from_days(days_since_epoch(*parse_date(fields[1])) + 1);
    expected.push_back(
        fmt::format("{} {}", format_date(next_day), fields[3] == "red" ? "firing" : "resolved"));
  }
  expected.push_back("2021-07-05 expired");

  std::vector<std::string> seen;
  const std::vector<AlertRecord> transitions = live_transitions(*plan_, events_, after_);
  for (const AlertRecord& record : transitions) {
    EXPECT_EQ(record.state.subject.node, "US");
    seen.push_back(fmt::format("{} {}", format_date(plan_->zone.date_of(record.transition.at)),
                               name_of(record.transition.to)));
  }
  EXPECT_EQ(seen, expected);
  // The last one tells what the period ended with, not what was so when the alert fired.
  const Judgement& last = transitions.back().transition.judgement;
  EXPECT_EQ(format_rational(*last.value, 6), "53.785419");
  EXPECT_EQ(last.expected, Rational(70));
}

TEST_F(Vaccination, AnEarlierDaysCorrectionChangesThatDayAndThoseUntilTheNextReport) {
  const auto report = [&](const char* id, EventType type, const char* value, const char* recorded_at) {
    const std::string json = fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"correction","type":"{}","subject":"South/South Atlantic/Florida","time":"{}",)"
        R"("data":{{"indicator":"people_at_least_one_dose","node":"South/South Atlantic/Florida",)"
        R"("effective_at":"2021-03-10T00:00:00-05:00"{}}}}})",
        id, name_of(type), recorded_at,
        value[0] == '\0' ? std::string() : fmt::format(R"(,"value":{})", value));
    return ImportedEvent{type, EventKind::measurement, "South/South Atlantic/Florida", json};
  };
  const auto people_on = [&](const std::vector<ImportedEvent>& events, const char* day) {
    ViewQuery query;
    query.node = "South/South Atlantic";
    std::string people;
    const Replay run(plan_, events, after_, {});
    EXPECT_EQ(run.counters().dead_lettered, 0u);
    EXPECT_TRUE(read_view(run.state(), query, [&](ViewRow&& row) {
      if (format_date(plan_->zone.date_of(row.window.end - microseconds(1))) == day)
        people = format_value(row.measures[0], plan_->zone);
      return true;
    }));
    return std::stoll(people);
  };
  std::vector<ImportedEvent> corrected = events_;
  corrected.push_back(report("lower", EventType::measurement_corrected, "1", "2021-06-01T00:00:00Z"));
  std::vector<ImportedEvent> retracted = corrected;
  retracted.push_back(report("gone", EventType::measurement_retracted, "", "2021-06-02T00:00:00Z"));

  const std::int64_t before = people_on(events_, "2021-03-09"), on = people_on(events_, "2021-03-10");
  const std::int64_t after = people_on(events_, "2021-03-11");
  EXPECT_EQ(people_on(corrected, "2021-03-09"), before);
  EXPECT_LT(people_on(corrected, "2021-03-10"), on - 1'000'000);  // Florida had millions; now it has one
  EXPECT_EQ(people_on(corrected, "2021-03-11"), after);           // the next day's own report stands
  EXPECT_LT(people_on(retracted, "2021-03-10"), on);  // Florida's report of the day before counts on
  EXPECT_GT(people_on(retracted, "2021-03-10"), people_on(corrected, "2021-03-10"));
}

}  // namespace
}  // namespace slipstream::testing
