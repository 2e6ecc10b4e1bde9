// Ctrl-C, a full disk, a directory that cannot be written, two processes: the program says what happened,
// loses nothing, and goes on where it stopped.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class InterruptionTest : public TaskCommandTest {
 protected:
  // So many tasks of one month, all of them done in time.
  void write_many(int tasks) const {
    std::string rows = "task,unit,person,assigned,due,completed,fee\n";
    for (int i = 0; i < tasks; ++i)
      rows += fmt::format("m{},Roads,An,2025-01-02,2025-01-10,2025-01-08,0.5\n", i);
    write("many.csv", rows);
  }
  // The rows that are in the log, by the tasks that a run finds.
  std::int64_t tasks_found() const {
    catch_up();
    EXPECT_EQ(ask("check").at("different"), 0);
    return ask("query delivery --node city --window 2025-01")
        .at("rows")
        .as_array()
        .at(0)
        .at("due")
        .as_int64();
  }
  static constexpr int kMany = 100'000;
};

TEST_F(InterruptionTest, AnInterruptedImportSaysSoAndGoesOnAfterwards) {
  write_many(kMany);
  const std::string import = std::string("import many.csv --mapping mapping.yaml") + kHere;
  EXPECT_EQ(run_script(fmt::format("\"$SLIPSTREAM\" {} >out.txt 2>err.txt & pid=$!\n"
                                   "until [ -d data/log ]; do sleep 0.01; done\nkill -INT $pid\nwait $pid\n",
                                   import)),
            130)
      << read(path("err.txt"));
  EXPECT_NE(read(path("err.txt")).find("the same command goes on after them"), std::string::npos)
      << read(path("err.txt"));
  EXPECT_NE(read(path("out.txt")).find("interrupted"), std::string::npos) << read(path("out.txt"));
  const auto rest = json(import).at("files").as_array().at(0).as_object();
  EXPECT_EQ(rest.at("outcome"), "imported");
  EXPECT_EQ(rest.at("rows"), kMany);
  EXPECT_EQ(tasks_found(), kMany);
}

TEST_F(InterruptionTest, AnImportThatIsKilledGoesOnWithoutARowMissingOrTwice) {
  write_many(kMany);
  const std::string import = std::string("import many.csv --mapping mapping.yaml --quiet") + kHere;
  EXPECT_EQ(
      run_script(fmt::format("for i in 1 2 3; do \"$SLIPSTREAM\" {0} & pid=$!\n"
                             "sleep 0.2; kill -KILL $pid; wait $pid; done 2>/dev/null\n\"$SLIPSTREAM\" {0}\n",
                             import)),
      0);
  EXPECT_EQ(tasks_found(), kMany);
}

TEST_F(InterruptionTest, ARunThatIsKilledGoesOnWithTheSameFigures) {
  write_many(kMany);
  ask("import many.csv --mapping mapping.yaml");
  EXPECT_EQ(run_script(
                fmt::format("for i in 1 2 3; do \"$SLIPSTREAM\" run --quiet --set commit_interval=50ms {0} & "
                            "pid=$!\nsleep 0.3; kill -KILL $pid; wait $pid; done 2>/dev/null; true\n",
                            kHere)),
            0);
  EXPECT_EQ(tasks_found(), kMany);
}

TEST_F(InterruptionTest, ARunThatWaitsForBrokersEndsWhenItIsAsked) {
  for (const char* role : {"worker", "reader --set http=127.0.0.1:0"}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run_script(fmt::format("\"$SLIPSTREAM\" run --role {} {} --set log=kafka "
                                     "--set kafka.bootstrap.servers=127.0.0.1:1 2>err.txt & pid=$!\n"
                                     "sleep 1; kill -TERM $pid; wait $pid\n",
                                     role, kHere)),
              0)
        << read(path("err.txt"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10))
        << "else it has waited for them";
  }
}

// A file can be no larger than this: what the disk says when it is full comes to every writer alike.
TEST_F(InterruptionTest, ADiskThatTakesNoMoreStopsTheImportAndLosesNothing) {
  write_many(kMany);
  const std::string import = std::string("import many.csv --mapping mapping.yaml") + kHere;
  EXPECT_EQ(
      run_script(fmt::format("trap '' XFSZ; ulimit -f 400\n\"$SLIPSTREAM\" {} >out.txt 2>err.txt\n", import)),
      74)
      << read(path("err.txt"));
  EXPECT_NE(read(path("err.txt")).find("slipstream: "), std::string::npos);
  EXPECT_NE(read(path("err.txt")).find("nothing acknowledged is lost"), std::string::npos)
      << read(path("err.txt"));
  EXPECT_EQ(json(import).at("files").as_array().at(0).at("rows"), kMany);
  EXPECT_EQ(tasks_found(), kMany);
}

TEST_F(InterruptionTest, ADiskThatTakesNoMoreStopsTheRunAndLosesNothing) {
  write_many(kMany);
  ask("import many.csv --mapping mapping.yaml");
  EXPECT_EQ(run_script(fmt::format("trap '' XFSZ; ulimit -f 400\n"
                                   "\"$SLIPSTREAM\" run --until-idle {} >out.txt 2>err.txt\n",
                                   kHere)),
            74)
      << read(path("err.txt"));
  EXPECT_NE(read(path("err.txt")).find("nothing acknowledged is lost"), std::string::npos)
      << read(path("err.txt"));
  EXPECT_EQ(tasks_found(), kMany);
}

TEST_F(InterruptionTest, AnAnswerThatCannotBeWrittenIsAnError) {
  import_and_run();
  for (const char* output : {"table", "json", "csv"}) {
    EXPECT_EQ(run_script(fmt::format("\"$SLIPSTREAM\" query delivery --output {} {} >/dev/full 2>err.txt",
                                     output, kHere)),
              74);
    EXPECT_NE(read(path("err.txt")).find("standard output"), std::string::npos) << read(path("err.txt"));
  }
}

TEST_F(InterruptionTest, AReportThatCannotBeWrittenStopsTheImport) {
  write("bad.csv", "task,unit,person,assigned,due,completed,fee\nt9,Roads,An,never,2025-01-10,,1\n");
  const Ran ran = run(std::string("import bad.csv --mapping mapping.yaml --report /dev/full") + kHere);
  EXPECT_EQ(ran.code, 74);
  EXPECT_NE(ran.err.find("/dev/full"), std::string::npos) << ran.err;
}

TEST_F(InterruptionTest, EverythingWorksInADirectoryWithSpaces) {
  std::filesystem::create_directories(path("my city"));
  for (const char* file : {"tasks.yaml", "mapping.yaml", "tasks.csv"})
    std::filesystem::rename(path(file), path(std::string("my city/") + file));
  const std::string there =
      " --data 'my city/the data' --definitions 'my city/tasks.yaml' --set clock=events";
  EXPECT_EQ(json("import 'my city/tasks.csv' --mapping 'my city/mapping.yaml'" + there)
                .at("files")
                .as_array()
                .at(0)
                .at("events"),
            9);
  EXPECT_EQ(run("run --until-idle --quiet" + there).code, 0);
  EXPECT_EQ(json("check" + there).at("different"), 0);
  EXPECT_EQ(json("log copy 'a copy'" + there).at("topics").as_array().size(), 9u);
}

TEST_F(InterruptionTest, ReadersWorkBesideARunningEngineAndWritersAreToldWhy) {
  import_and_run();
  EXPECT_EQ(
      run_script(fmt::format("\"$SLIPSTREAM\" run --quiet {0} & pid=$!\nsleep 1\n"
                             "for ask in 'query delivery' 'alerts list' 'log list' 'dlq list' check; do\n"
                             "  \"$SLIPSTREAM\" $ask --quiet {0} >out.txt 2>err.txt || exit 9\ndone\n"
                             "\"$SLIPSTREAM\" import tasks.csv --force --mapping mapping.yaml {0} 2>err.txt\n"
                             "code=$?\nkill -TERM $pid\nwait $pid && exit $code\n",
                             kHere)),
      69)
      << read(path("err.txt"));
  EXPECT_NE(read(path("err.txt")).find("another process"), std::string::npos) << read(path("err.txt"));
}

// What a state holds is of one log. Beside another one it would count what that does not have and pass over
// what it has.
TEST_F(InterruptionTest, AStateBesideAnotherLogIsRefused) {
  for (const int partitions : {1, 4}) {
    const std::string here = fmt::format("{} --set partitions={}", kHere, partitions);
    EXPECT_EQ(run("import tasks.csv --mapping mapping.yaml" + here).code, 0);
    EXPECT_EQ(run("run --until-idle" + here).code, 0);
    std::filesystem::remove_all(path("data/log"));
    write_many(1000);
    EXPECT_EQ(run("import many.csv --mapping mapping.yaml" + here).code, 0);
    const Ran ran = run("run --until-idle" + here);
    EXPECT_EQ(ran.code, 69) << ran.out << ran.err;
    EXPECT_NE(ran.err.find("delete the state directory to rebuild it from the log"), std::string::npos)
        << ran.err;
    std::filesystem::remove_all(path("data/state"));
    EXPECT_EQ(run("run --until-idle" + here).code, 0);
    EXPECT_EQ(tasks_found(), 1000);
    std::filesystem::remove_all(path("data"));
  }
}

}  // namespace
}  // namespace slipstream
