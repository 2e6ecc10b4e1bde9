// The runner of definitions' unit tests passes what is right, fails what is wrong with its place, and refuses
// a file with mistakes before anything runs. The page that documents it is one of its files.
#include "connectors/definition/definition_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/log/temporary_directory.h"

namespace slipstream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kDefinitions = R"(definitions:
  time_zone: Asia/Ho_Chi_Minh
  views:
    delivery:
      from: tasks
      window: { on: due_at, every: month }
      measures:
        due: count(*)
        done: count(*) filter (where completed_at is not null)
        first: min(title)
  kpis:
    share: { value: "100.0 * done / due" }
  targets:
    - { kpi: share, target: 80 }
  alerts:
    slipping: { kpi: share, nodes: "*", when: status = 'red' }
tests:
  - name: one
    steps:
      - clock: 2026-03-01T08:00
      - event: task.assigned T1 unit=Roads due_at=2026-03-10T17:00
      - event: task.assigned T2 unit=Roads due_at=2026-03-11T17:00
      - event: task.assigned T3 unit=Roads due_at=2026-03-12T17:00
      - event: task.completed T1
)";
constexpr int kFirstLine = 25;  // of what a test appends

class DefinitionTests : public ::testing::Test {
 protected:
  // Runs kDefinitions' one test with these steps after its own.
  std::vector<std::string> failures_of(const std::string& steps) {
    std::vector<std::string> messages;
    const auto report = run(std::string(kDefinitions) + steps);
    if (!report) return {"refused"};
    for (const TestFailure& failure : report->tests.front().failures)
      messages.push_back(std::to_string(failure.mark.line) + ": " + failure.message);
    return messages;
  }

  std::optional<TestReport> run(const std::string& text) {
    std::ofstream(directory_.path() / "city.test.yaml") << text;
    diagnostics_.clear();
    return run_definition_tests(directory_.path() / "city.test.yaml", diagnostics_);
  }

  TemporaryDirectory directory_;
  Diagnostics diagnostics_;
};

TEST_F(DefinitionTests, PassWhatIsRight) {
  EXPECT_THAT(
      failures_of(
          R"(      - expect_view: { view: delivery, rows: [{ node: Roads, window: 2026-03, due: 3, done: 1, first: null }] }
      - expect_kpi: { kpi: share, node: Roads, exactly: true, rows: [{ value: 33.33, status: red, target: 80 }] }
      - expect_alerts: [{ alert: slipping, node: Roads, from: inactive, to: firing, at: 2026-03-01T08:00, value: 33 }]
      - expect_alerts: none
)"),
      IsEmpty());
}

TEST_F(DefinitionTests, FailAtTheLineOfTheRowThatDiffers) {
  EXPECT_THAT(failures_of(R"(      - expect_view:
          view: delivery
          rows:
            - { node: all, due: 3 }
            - { node: Roads, due: 4, done: 1 }
            - { node: Parks, due: 3 }
)"),
              ElementsAre("29: due is 3, expected 4",
                          HasSubstr("30: no such row; there is { node Roads, window 2026-03, due 3")));
}

TEST_F(DefinitionTests, CompareNumbersExactlyWhereTheyEnd) {
  EXPECT_THAT(failures_of(R"(      - event: task.completed T2
      - event: task.cancelled T3
      - event: task.assigned T4 unit=Roads due_at=2026-03-12T17:00
      - event: task.assigned T5 unit=Roads due_at=2026-03-12T17:00
      - event: task.assigned T6 unit=Parks due_at=2026-03-12T17:00
      - event: task.cancelled T5
      - expect_kpi: { kpi: share, node: Roads, rows: [{ value: 66.7 }] }
      - expect_kpi: { kpi: share, node: Roads, rows: [{ value: 66.66 }] }
      - expect_kpi: { kpi: share, node: all, rows: [{ value: 50 }] }
      - expect_kpi: { kpi: share, node: all, rows: [{ value: 50.1 }] }
      - expect_kpi: { kpi: share, node: all, rows: [{ value: null }] }
)"),
              ElementsAre("32: value is 66.666667, expected 66.66", "34: value is 50, expected 50.1",
                          "35: value is 50, expected NULL"));
}

TEST_F(DefinitionTests, FailOnAnAlertThatIsNotExpectedAndOnOneThatIsMissing) {
  EXPECT_THAT(failures_of("      - expect_alerts: none\n"),
              ElementsAre(HasSubstr(
                  "25: a transition that is not expected: at 2026-03-01T08:00:00+07:00, alert slipping")));
  EXPECT_THAT(failures_of("      - expect_alerts: [{ to: firing }, { to: resolved }]\n"),
              ElementsAre("25: no such transition: there are 1 only"));
  EXPECT_THAT(failures_of("      - expect_alerts: [{ to: pending }]\n"),
              ElementsAre(HasSubstr("25: to is firing, expected pending; it is {")));
  EXPECT_THAT(failures_of("      - expect_alerts: { only: { node: Parks }, transitions: none }\n"),
              IsEmpty());
}

TEST_F(DefinitionTests, FailOnRowsWhereNoneOrFewerAreExpected) {
  EXPECT_THAT(failures_of("      - expect_view: { view: delivery, rows: none }\n"),
              ElementsAre(HasSubstr("25: expected no row; there is { node Roads")));
  EXPECT_THAT(failures_of("      - expect_view: { view: delivery, exactly: true, rows: [{ node: all }] }\n"),
              ElementsAre(HasSubstr("25: 2 rows, expected exactly 1")));
  EXPECT_THAT(failures_of("      - expect_view: { view: delivery, rows: [{ window: 2026-03 }] }\n"),
              ElementsAre(HasSubstr("25: several rows are meant")));
}

TEST_F(DefinitionTests, FailAtAnEventThatIsRefusedUnlessThatIsExpected) {
  const std::string refused = "      - event: task.assigned T9 due_at=soon\n";
  EXPECT_THAT(failures_of(refused), ElementsAre(HasSubstr("25: the event was refused: invalid_timestamp")));
  EXPECT_THAT(
      failures_of(refused + "      - expect_dead_letters: [{ code: invalid_timestamp, stage: decode }]\n"),
      IsEmpty());
  EXPECT_THAT(failures_of("      - expect_dead_letters: [{ code: invalid_timestamp }]\n"),
              ElementsAre("25: no such dead letter: there are 0 only"));
}

struct Mistake {
  const char* steps;
  ErrorCode code;
};

TEST_F(DefinitionTests, AreRefusedAsAWholeForAMistakeInTheFile) {
  const Mistake mistakes[] = {
      {"      - expect_view: { view: delivry, rows: none }\n", ErrorCode::unknown_name},
      {"      - expect_view: { view: delivery, rows: [{ node: all, dun: 1 }] }\n", ErrorCode::unknown_name},
      {"      - expect_view: { view: delivery, every: year, rows: none }\n", ErrorCode::unknown_name},
      {"      - expect_kpi: { kpi: rate, rows: none }\n", ErrorCode::unknown_name},
      {"      - expect_view: { view: delivery, row: none }\n", ErrorCode::unknown_key},
      {"      - expect: none\n", ErrorCode::unknown_key},
      {"      - expect_alerts: nothing\n", ErrorCode::type_mismatch},
      {"      - { clock: 2026-04-01, event: task.completed T1 }\n", ErrorCode::type_mismatch},
      {"      - clock: 2026-02-01\n", ErrorCode::invalid_value},
      {"      - event: task.completed\n", ErrorCode::syntax},
      {"      - event: { type: task.completed }\n", ErrorCode::invalid_value},
      {"  - name: two\n    steps: [{ event: task.completed T1 }]\n", ErrorCode::invalid_value},
  };
  for (const Mistake& mistake : mistakes) {
    EXPECT_FALSE(run(std::string(kDefinitions) + mistake.steps)) << mistake.steps;
    ASSERT_FALSE(diagnostics_.empty()) << mistake.steps;
    EXPECT_EQ(diagnostics_.front().code, mistake.code) << format_diagnostic(diagnostics_.front());
    EXPECT_EQ(diagnostics_.front().mark.line, mistake.steps[2] == '-' ? kFirstLine + 1 : kFirstLine)
        << format_diagnostic(diagnostics_.front());
  }
}

TEST_F(DefinitionTests, AreRefusedWithTheErrorsOfTheirDefinitions) {
  std::ofstream(directory_.path() / "city.yaml") << "time_zone: Asia/Ho_Chi_Minh\nviewz: {}\n";
  EXPECT_FALSE(run("definitions: city.yaml\ntests: [{ name: one, steps: [{ clock: 2026-01-01 }] }]\n"));
  ASSERT_FALSE(diagnostics_.empty());
  EXPECT_THAT(diagnostics_.front().file, HasSubstr("city.yaml"));
  EXPECT_FALSE(run("definitions: town.yaml\ntests: [{ name: one, steps: [{ clock: 2026-01-01 }] }]\n"));
  ASSERT_FALSE(diagnostics_.empty());
  EXPECT_EQ(diagnostics_.front().code, ErrorCode::unreadable_file);
}

// The blocks that begin with `fence` on the page of definitions.
std::vector<std::string> blocks_of(const std::string& fence) {
  std::ifstream page(std::string(SLIPSTREAM_SOURCE_DIR) + "/docs/definitions.md");
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == fence) blocks.emplace_back();
    inside = line == fence || (inside && line != "```");
    if (inside && line != fence) blocks.back() += line + "\n";
  }
  return blocks;
}

TEST_F(DefinitionTests, PassAsThePageShowsThem) {
  const std::vector<std::string> examples = blocks_of("```yaml tests");
  ASSERT_EQ(examples.size(), 1u);
  std::ofstream(directory_.path() / "city.yaml") << blocks_of("```yaml").front();
  const auto report = run(examples.front());
  ASSERT_TRUE(report) << format_diagnostic(diagnostics_.front());
  EXPECT_GT(report->tests.size(), 2u);
  for (const TestOutcome& test : report->tests)
    for (const TestFailure& failure : test.failures)
      ADD_FAILURE() << test.name << ": " << format_failure(report->file, failure);
}

}  // namespace
}  // namespace slipstream
