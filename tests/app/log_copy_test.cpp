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
  EXPECT_NE(again.code, 0);
  EXPECT_NE(again.err.find("empty directory"), std::string::npos) << again.err;
}

}  // namespace
}  // namespace slipstream
