// Files in, figures, explanations, proofs and alerts out: the commands in the order in which an operator
// meets them.
#include <csignal>

#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

TEST_F(TaskCommandTest, AnImportedFileIsCountedAndARepeatedOneAddsNothing) {
  const auto first = ask("import tasks.csv --mapping mapping.yaml").at("files").as_array().at(0).as_object();
  EXPECT_EQ(first.at("outcome"), "imported");
  EXPECT_EQ(first.at("rows"), 5);
  EXPECT_EQ(first.at("events"), 9);
  const auto again = ask("import tasks.csv --mapping mapping.yaml").at("files").as_array().at(0).as_object();
  EXPECT_EQ(again.at("outcome"), "already imported");
  catch_up();
  EXPECT_EQ(ask("query delivery --node city --window 2025-01").at("rows").as_array().at(0).at("due"), 4);
}

TEST_F(TaskCommandTest, ADryRunWritesNothing) {
  EXPECT_EQ(
      ask("import tasks.csv --mapping mapping.yaml --dry-run").at("files").as_array().at(0).at("outcome"),
      "dry run");
  EXPECT_FALSE(std::filesystem::exists(path("data")));
}

TEST_F(TaskCommandTest, BadRowsEndTheImportWithOneAndStandInTheReport) {
  write("bad.csv",
        "task,unit,person,assigned,due,completed,fee\nt9,Roads,An,never,2025-01-10,,1\nt8,Roads,An,2025-01-"
        "02,2025-01-10,,1\n");
  const auto files =
      ask("import bad.csv --mapping mapping.yaml --report report.csv", 1).at("files").as_array();
  EXPECT_EQ(files.at(0).at("bad"), 1);
  EXPECT_EQ(files.at(0).at("events"), 1);
  EXPECT_NE(read(path("report.csv")).find("invalid_timestamp"), std::string::npos)
      << read(path("report.csv"));
  write("worse.csv", "task,unit,person,assigned,due,completed,fee\nt7,Roads,An,never,2025-01-10,,1\n");
  ask("import worse.csv --mapping mapping.yaml --max-bad 1", 0);
}

TEST_F(TaskCommandTest, AQueryShowsEachNodeExactlyAndSaysAsOfWhen) {
  import_and_run();
  const auto answer = ask("query delivery --window 2025-01");
  EXPECT_EQ(answer.at("as_of"), "2025-02-05T00:00:00+07:00");
  EXPECT_EQ(text(answer.at("definitions")).size(), 16u);
  const auto& rows = answer.at("rows").as_array();
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows.at(0).at("node"), "Parks");
  const auto& city = rows.at(5).as_object();
  EXPECT_EQ(city.at("node"), "city");
  EXPECT_EQ(city.at("due"), 4);
  EXPECT_EQ(city.at("on_time"), 2);
  EXPECT_EQ(city.at("overdue"), 1);
  EXPECT_EQ(city.at("fees_exact"), "401/20");
}

TEST_F(TaskCommandTest, AKpiIsHeldAgainstItsTarget) {
  import_and_run();
  const auto row =
      ask("query on_time_rate --node Roads --window 2025-01").at("rows").as_array().at(0).as_object();
  EXPECT_EQ(row.at("value_exact"), "100/3");
  EXPECT_EQ(row.at("value").as_double(), 33.33);
  EXPECT_EQ(row.at("target").as_double(), 80.0);
  EXPECT_EQ(row.at("gap_exact"), "-140/3");
  EXPECT_EQ(row.at("status"), "red");
}

TEST_F(TaskCommandTest, AQueryNarrowsToSubtreesAndTimes) {
  import_and_run();
  EXPECT_EQ(ask("query delivery --node Roads --subtree --window 2025-01").at("rows").as_array().size(), 3u);
  EXPECT_EQ(ask("query delivery --node Roads --window 2025-01").at("rows").as_array().size(), 1u);
  EXPECT_EQ(ask("query delivery --node Parks --from 2025-02-01").at("rows").as_array().size(), 1u);
  EXPECT_EQ(ask("query delivery --node Parks --to 2025-01-31").at("rows").as_array().size(), 1u);
  EXPECT_EQ(ask("query delivery --node Roads --window 2024-12").at("rows").as_array().size(), 0u);
}

TEST_F(TaskCommandTest, CsvHasTheRowsAloneAndTablesTheirNames) {
  import_and_run();
  const Ran csv = run(std::string("query delivery --node Roads --window 2025-01 --output csv") + kHere);
  EXPECT_EQ(csv.out, "node,every,window,due,on_time,overdue,fees\r\nRoads,month,2025-01,3,1,1,19.85\r\n");
  const Ran table = run(std::string("query delivery --node Roads --window 2025-01") + kHere);
  EXPECT_NE(table.out.find("as of: 2025-02-05"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("Roads  month  2025-01    3"), std::string::npos) << table.out;
}

TEST_F(TaskCommandTest, AnExplanationNamesTheEventsAndAddsUp) {
  import_and_run();
  const auto answer = ask("explain on_time_rate --node Roads --window 2025-01");
  EXPECT_EQ(answer.at("equal"), true);
  EXPECT_EQ(answer.at("formula"), "on_time_rate = 100.0 * on_time / nullif(due, 0)");
  EXPECT_EQ(answer.at("status"), "red");
  const auto& contributions = answer.at("contributions").as_array();
  ASSERT_EQ(contributions.size(), 3u);
  EXPECT_EQ(contributions.at(0).at("entity"), "t1");
  EXPECT_EQ(contributions.at(0).at("on_time"), "1");
  EXPECT_TRUE(contributions.at(1).at("on_time").is_null());
  const auto& events = answer.at("events").as_array();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events.at(0).at("id"), "t1/assigned");
  EXPECT_EQ(events.at(0).at("topic"), "events");
  EXPECT_TRUE(events.at(0).at("offset").is_int64());
  const auto& sums = answer.at("sums").as_array();
  ASSERT_EQ(sums.size(), 4u);
  EXPECT_EQ(sums.at(0).at("sum"), 3);
  EXPECT_EQ(sums.at(0).at("stored"), 3);
}

TEST_F(TaskCommandTest, AnExplainedEventIsTheOneThatStandsInTheLog) {
  import_and_run();
  const auto event =
      ask("explain delivery --node Parks --window 2025-02").at("events").as_array().at(0).as_object();
  const auto shown = ask(fmt::format("log show events --partition {} --from {} --limit 1",
                                     event.at("partition").as_int64(), event.at("offset").as_int64()));
  EXPECT_NE(text(shown.at("records").as_array().at(0).at("value")).find(text(event.at("id"))),
            std::string::npos);
}

TEST_F(TaskCommandTest, ACheckRecomputesEveryViewAndFindsThemEqual) {
  write(
      "air.jsonl",
      R"({"specversion":"1.0","id":"o1","source":"s","type":"observation","time":"2025-01-02T08:00:00Z","data":{"metric":"pm25","node":"Roads","value":20,"sequence":1}})"
      "\n"
      R"({"specversion":"1.0","id":"o2","source":"s","type":"observation","time":"2025-01-02T09:00:00Z","data":{"metric":"pm25","node":"Roads","value":25,"sequence":2}})"
      "\n"
      R"({"specversion":"1.0","id":"o3","source":"s","type":"observation","time":"2025-01-02T10:00:00Z","data":{"metric":"pm25","node":"Roads","value":99,"sequence":2}})"
      "\n");
  ask("import air.jsonl");
  import_and_run();
  const auto answer = ask("check");
  EXPECT_EQ(answer.at("different"), 0);
  EXPECT_EQ(answer.at("events"), 12);
  EXPECT_GT(answer.at("rows").as_int64(), 8);
  EXPECT_EQ(ask("explain air --node city --window 2025-01-02").at("equal"), true);
  EXPECT_EQ(ask("query air --node Roads").at("rows").as_array().at(0).at("particles_exact"), "45/2");
}

TEST_F(TaskCommandTest, AnAlertIsListedWithASentenceInTwoLanguages) {
  ask("import tasks.csv --mapping mapping.yaml");
  // Roads is red on the 13th, and a day later it fires.
  for (const char* day : {"2025-01-13", "2025-01-15"}) {
    const Ran ran = run(fmt::format(
        "run --until-idle --quiet --data data --definitions tasks.yaml --set clock={}T00:00:00+07:00", day));
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  const auto history = ask("alerts history --node Roads").at("alerts").as_array();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history.at(0).at("to"), "pending");
  EXPECT_EQ(history.at(1).at("to"), "firing");
  const auto standing = ask("alerts list --active --node Roads").at("alerts").as_array();
  ASSERT_EQ(standing.size(), 1u);
  EXPECT_EQ(standing.at(0).at("transition"), history.at(1).at("transition"));
  EXPECT_NE(text(standing.at(0).at("sentence")).find("Roads"), std::string::npos);
  EXPECT_NE(standing.at(0).at("sentence"),
            ask("alerts list --active --node Roads --lang vi").at("alerts").as_array().at(0).at("sentence"));
  EXPECT_EQ(ask("alerts history --rule slipping --node city").at("alerts").as_array().size(), 2u);
  // Figures have the precision of their KPI.
  EXPECT_NE(run("alerts list --node Roads --output csv" + std::string(kHere)).out.find(",33.33,"),
            std::string::npos);
  EXPECT_NE(run("alerts list --node Roads --output csv --data data").out.find(",33.333333,"),
            std::string::npos);
  // The clock stands at the 15th: it does not go back, and says so.
  const Ran earlier =
      run("query on_time_rate --data data --definitions tasks.yaml --set clock=2025-01-13T00:00:00+07:00");
  EXPECT_EQ(earlier.code, 0);
  EXPECT_NE(earlier.err.find("the state is of 2025-01-15T00:00:00+07:00 already"), std::string::npos)
      << earlier.err;
}

TEST_F(TaskCommandTest, ABacktestRaisesTheAlertsThatTheDaysWouldHave) {
  import_and_run();
  const auto all = ask("backtest --to 2025-02-28").at("alerts").as_array();
  ASSERT_FALSE(all.empty());
  // Roads stands at 1 of 2 from the 12th on, when t2 falls due undone... and is red for a day before it
  // fires.
  bool fired = false;
  for (const auto& alert : all)
    fired |= alert.at("to") == "firing" && alert.at("node") == "Roads";
  EXPECT_TRUE(fired);
  const auto some = ask("backtest --from 2025-02-01 --to 2025-02-28").at("alerts").as_array();
  EXPECT_LT(some.size(), all.size());
  for (const auto& alert : some)
    EXPECT_GE(text(alert.at("at")), "2025-02-01");
}

TEST_F(TaskCommandTest, ALogIsListedTopicByTopic) {
  import_and_run();
  const auto partitions = ask("log list").at("partitions").as_array();
  std::int64_t events = 0;
  for (const auto& partition : partitions)
    if (partition.at("topic") == "events") events += partition.at("end").as_int64();
  EXPECT_EQ(events, 9);
}

TEST_F(TaskCommandTest, ValidationTellsEveryErrorWithItsPlace) {
  EXPECT_EQ(run("validate tasks.yaml").code, 0);
  write("wrong.yaml",
        "time_zone: Nowhere/Land\nviews:\n  a: { from: tasks, window: { on: due_at, evry: month }, measures: "
        "{ n: count(*) } }\n");
  const auto problems = json("validate wrong.yaml", 78).at("problems").as_array();
  EXPECT_GE(problems.size(), 2u);
  const Ran table = run("validate wrong.yaml");
  EXPECT_NE(table.out.find("wrong.yaml:3:"), std::string::npos) << table.out;
}

TEST_F(TaskCommandTest, TheConfigurationShowsWhereEachValueComesFrom) {
  write("slipstream.yaml", "partitions: 5\nmemory: 512 MiB\n");
  const Ran ran =
      run("config print --config slipstream.yaml --set memory=2GiB --output csv", "SLIPSTREAM_CLOCK=events");
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("partitions,5,slipstream.yaml:1,"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("memory,2GiB,--set,"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("clock,events,SLIPSTREAM_CLOCK,"), std::string::npos) << ran.out;
}

TEST_F(TaskCommandTest, ARunningEngineStopsCleanlyWhenAsked) {
  ask("import tasks.csv --mapping mapping.yaml");
  for (const char* signal : {"INT", "TERM"})
    EXPECT_EQ(run_script(fmt::format("\"$SLIPSTREAM\" run --quiet {} 2>err.txt & pid=$!\n"
                                     "sleep 1\nkill -{} $pid\nwait $pid\n",
                                     kHere, signal)),
              0)
        << signal << read(path("err.txt"));
  EXPECT_EQ(ask("check").at("different"), 0);
}

// timeout(1) signals the process and then its group.
TEST_F(TaskCommandTest, ASignalThatComesTwiceAtOnceIsOneWish) {
  ask("import tasks.csv --mapping mapping.yaml");
  EXPECT_EQ(run_script(fmt::format(
                "\"$SLIPSTREAM\" run --quiet {} 2>err.txt & pid=$!\n"
                "sleep 1\nfor i in 1 2 3 4 5 6; do kill -INT $pid; sleep 0.005; done\nwait $pid\n",
                kHere)),
            0)
      << read(path("err.txt"));
}

TEST_F(TaskCommandTest, HelpOfEveryCommandHasExamples) {
  for (const char* command : {"run", "import", "validate", "query", "explain", "check", "alerts list",
                              "alerts history", "log list", "log show", "log copy", "dlq list", "dlq show",
                              "dlq replay", "backtest", "generate", "demo", "config print", "version"}) {
    const Ran ran = run(std::string(command) + " --help");
    EXPECT_EQ(ran.code, 0) << command;
    EXPECT_NE(ran.out.find(std::string("Examples:\n  slipstream ") + std::string(command).substr(0, 3)),
              std::string::npos)
        << ran.out;
  }
}

}  // namespace
}  // namespace slipstream
