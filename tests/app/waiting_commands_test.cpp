// What waits is said, what has waited long enough is a dead letter, and after the fix the replay counts:
// everywhere alike.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class WaitingCommandTest : public TaskCommandTest {
 protected:
  WaitingCommandTest() {
    std::string tree = read(path("tasks.yaml"));
    tree.replace(tree.find("{ root: city }"), 14, "{ root: city, tree: events, wait: 2 days }");
    tree.replace(tree.find("node: [unit, person]"), 20, "node: unit          ");
    write("tasks.yaml", tree);
    write("units.mapping.yaml", R"yaml(
format: csv
time_zone: Asia/Ho_Chi_Minh
source: units
events:
  - type: unit.created
    time: since
    id: "{unit}"
    fields: { unit: unit }
)yaml");
    write("roads.csv", "unit,since\nRoads,2020-01-01\n");
    write("parks.csv", "unit,since\nParks,2020-01-01\n");
  }

  // `clock`: the events were written now, so that their deadline is in two days.
  void import_at(const std::string& file, const std::string& mapping) const {
    const Ran imported = run("import " + file + " --mapping " + mapping + " --set partitions=3" + kHere);
    ASSERT_EQ(imported.code, 0) << imported.err;
  }
  boost::json::object run_at(const std::string& clock) const {
    return json("run --until-idle --data data --definitions tasks.yaml --set clock=" + clock);
  }
  static constexpr const char* kLater = "2100-01-01T00:00:00Z";
};

TEST_F(WaitingCommandTest, WhatWaitsIsNamedByRunAndQuery) {
  import_at("tasks.csv", "mapping.yaml");
  import_at("roads.csv", "units.mapping.yaml");
  const auto ran = run_at("events");
  EXPECT_EQ(ran.at("waiting_nodes"), 1);
  EXPECT_NE(text(ran.at("waiting")).find("figures of 1 node wait for their unit: Parks"), std::string::npos);
  EXPECT_NE(text(ran.at("waiting")).find("2 tasks, figures and readings"), std::string::npos);
  const auto answer = ask("query delivery --node city");
  EXPECT_EQ(answer.at("waiting_nodes"), 1);
  EXPECT_EQ(answer.at("waiting"), ran.at("waiting"));
  EXPECT_EQ(answer.at("rows").as_array().at(0).at("due"), 3);
  const Ran table = this->run(std::string("query delivery") + kHere);
  EXPECT_NE(table.out.find("waiting: figures of 1 node"), std::string::npos) << table.out;
  EXPECT_EQ(ask("query air").at("waiting_nodes"), 0);
}

TEST_F(WaitingCommandTest, AnExpelledRecordCountsAfterTheFixEverywhere) {
  import_at("tasks.csv", "mapping.yaml");
  import_at("roads.csv", "units.mapping.yaml");
  run_at("events");
  const auto late = run_at(kLater);
  EXPECT_EQ(late.at("waiting_nodes"), 0);
  EXPECT_FALSE(late.contains("waiting"));
  const auto letters = ask("dlq list").at("dead_letters").as_array();
  ASSERT_EQ(letters.size(), 2u) << "t4 and t5 were assigned to Parks; what was told of them stays";
  for (const auto& letter : letters)
    EXPECT_EQ(letter.at("code"), "unknown_node");
  EXPECT_EQ(ask("check").at("different"), 0);
  const std::string decisions = this->run("log show decisions --data data").out;
  EXPECT_NE(decisions.find("expelled t4/assigned from events"), std::string::npos) << decisions;

  import_at("parks.csv", "units.mapping.yaml");
  EXPECT_EQ(ask("dlq replay --code unknown_node").at("replay").as_array().at(0).at("replayed"), 2);
  run_at(kLater);
  const auto rows = ask("query delivery --node Parks").at("rows");
  EXPECT_EQ(rows.as_array().at(0).at("due"), 1);
  EXPECT_EQ(ask("dlq list").at("dead_letters").as_array().size(), 2u);
  EXPECT_EQ(ask("check").at("different"), 0);
  const auto explained = ask("explain delivery --node Parks --window 2025-01");
  EXPECT_EQ(explained.at("contributions_in_all"), 1);

  std::filesystem::remove_all(path("data/state"));
  run_at(kLater);
  EXPECT_EQ(ask("query delivery --node Parks").at("rows"), rows) << "rebuilt from the log";
  json("log copy copy --data data");
  const std::string there = " --data copy --definitions tasks.yaml --set clock=" + std::string(kLater);
  ASSERT_EQ(this->run("run --until-idle --quiet" + there).code, 0);
  EXPECT_EQ(json("query delivery --node Parks" + there).at("rows"), rows) << "rebuilt from a copy of the log";
  EXPECT_EQ(json("check" + there).at("different"), 0);
}

}  // namespace
}  // namespace slipstream
