// A copied log is the same log: the engine goes on in it with the same figures, and decides nothing a second
// time.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

using LogCopyTest = TaskCommandTest;

TEST_F(LogCopyTest, TheCopyGivesTheSameFiguresAndNoNewAlerts) {
  import_and_run();
  const auto rows = ask("query delivery").at("rows");
  const auto alerts = ask("alerts history").at("alerts");
  const auto copied = json("log copy copy --data data").at("topics").as_array();
  EXPECT_GE(copied.size(), 7u);
  const std::string there = " --data copy --definitions tasks.yaml --set clock=events";
  ASSERT_EQ(run("run --until-idle --quiet" + there).code, 0);
  EXPECT_EQ(json("query delivery" + there).at("rows"), rows);
  EXPECT_EQ(json("alerts history" + there).at("alerts"), alerts);
  EXPECT_EQ(json("check" + there).at("different"), 0);
  const auto again = json("import tasks.csv --mapping mapping.yaml" + there).at("files").as_array();
  EXPECT_EQ(again.at(0).at("outcome"), "already imported");
}

TEST_F(LogCopyTest, ACopyIntoALogThatHasRecordsIsRefused) {
  import_and_run();
  json("log copy copy --data data");
  const Ran again = run("log copy copy --data data");
  EXPECT_EQ(again.code, 69);
  EXPECT_NE(again.err.find("empty directory"), std::string::npos) << again.err;
}

TEST_F(LogCopyTest, TheDestinationMayBeAnyDeployment) {
  import_and_run();
  write("there.yaml", "data: there\ntopic_prefix: '${CITY}.'\n");
  const Ran copied = run("log copy --to-config there.yaml --data data --output csv",
                         "CITY=hue SLIPSTREAM_DATA=elsewhere SLIPSTREAM_TOPIC_PREFIX=");
  ASSERT_EQ(copied.code, 0) << copied.err;
  EXPECT_NE(copied.out.find("hue.events,3,9,kept"), std::string::npos) << copied.out;
  EXPECT_FALSE(std::filesystem::exists(path("elsewhere"))) << "variables are for the original";
  const std::string there =
      " --data there --definitions tasks.yaml --set clock=events --set topic_prefix=hue.";
  ASSERT_EQ(run("run --until-idle --quiet" + there).code, 0);
  EXPECT_EQ(json("query delivery" + there).at("rows"), ask("query delivery").at("rows"));
  EXPECT_EQ(json("alerts history" + there).at("alerts"), ask("alerts history").at("alerts"));
  EXPECT_EQ(json("check" + there).at("different"), 0);
}

TEST_F(LogCopyTest, StateOfAnotherLogIsNotTakenForTheCopys) {
  import_and_run();
  std::filesystem::create_directories(path("copy/state/0123456789abcdef"));
  const Ran copied = run("log copy copy --data data");
  EXPECT_EQ(copied.code, 69);
  EXPECT_NE(copied.err.find("copy/state: there is state already"), std::string::npos) << copied.err;
  EXPECT_FALSE(std::filesystem::exists(path("copy/log")));
}

}  // namespace
}  // namespace slipstream
