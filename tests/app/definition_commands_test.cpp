// What is written wrong is shown at once and whole: definitions, their tests, mappings and configurations.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class DefinitionCommandTest : public TaskCommandTest {
 protected:
  // The lines of a text that are not empty.
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) lines.push_back(line);
    return lines;
  }
};

constexpr const char* kWrongDefinitions = R"yaml(time_zone: Asia/Ho_Chi_Min
views:
  delivery:
    from: tasks
    window: { on: due_at, evry: month }
    measures:
      due: count(*
      late: sum(completd_at - due_at)
  air: { from: observation, window: { every: day }, measures: { n: count(*) } }
kpis:
  rate: { view: delivry, value: 1 }
)yaml";

TEST_F(DefinitionCommandTest, ValidationShowsEveryErrorWithItsLineAndColumn) {
  write("wrong.yaml", kWrongDefinitions);
  const Ran ran = run("validate wrong.yaml");
  EXPECT_EQ(ran.code, 78);
  for (const char* place :
       {"wrong.yaml:1:12: ", "wrong.yaml:5:27: ", "wrong.yaml:5:13: ", "wrong.yaml:7:19: ",
        "wrong.yaml:8:17: ", "wrong.yaml:9:16: ", "wrong.yaml:11:17: "})
    EXPECT_NE(ran.out.find(place), std::string::npos) << place << "\n" << ran.out;
  for (const char* hint :
       {"a name like Asia/Ho_Chi_Minh", "did you mean 'every'?", "did you mean completed_at?",
        "did you mean 'observations'?", "did you mean 'delivery'?"})
    EXPECT_NE(ran.out.find(hint), std::string::npos) << hint << "\n" << ran.out;
}

TEST_F(DefinitionCommandTest, WhatRunsWithWrongDefinitionsShowsTheSameErrors) {
  write("wrong.yaml", kWrongDefinitions);
  const std::vector<std::string> errors = lines_of(run("validate wrong.yaml").out);
  const Ran ran = run("run --definitions wrong.yaml");
  EXPECT_EQ(ran.code, 78);
  for (const std::string& error : errors)
    EXPECT_NE(ran.err.find(error), std::string::npos) << error << "\n" << ran.err;
  EXPECT_NE(ran.err.find(fmt::format("see the {} errors above", errors.size())), std::string::npos)
      << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("slipstream-data")))
      << "nothing is made before all is understood";
}

TEST_F(DefinitionCommandTest, SeveralFilesAreValidatedInOneGo) {
  write("wrong.yaml", kWrongDefinitions);
  write("broken.yaml", "views: [\n");
  const Ran ran = run("validate tasks.yaml wrong.yaml broken.yaml");
  EXPECT_EQ(ran.code, 78);
  EXPECT_NE(ran.out.find("tasks.yaml: no errors"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("wrong.yaml:1:12"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("broken.yaml:"), std::string::npos) << ran.out;
}

TEST_F(DefinitionCommandTest, TestsThatPassEndWithZero) {
  write("good.test.yaml", R"yaml(definitions: tasks.yaml
tests:
  - name: A late task makes its unit red
    steps:
      - clock: 2025-01-05
      - event: task.assigned T1 unit=Roads due_at=2025-01-10
      - clock: 2025-01-12T12:00
      - expect_kpi: { kpi: on_time_rate, rows: [{ node: Roads, window: 2025-01, value: 0, status: red }] }
      - expect_alerts:
          only: { node: Roads }
          transitions: [{ alert: slipping, to: pending }, { alert: slipping, to: firing }]
  - name: A task in time raises nothing
    steps:
      - clock: 2025-01-05
      - event: task.assigned T1 unit=Roads due_at=2025-01-10
      - event: task.completed T1
      - clock: 2025-02-05
      - expect_alerts: none
)yaml");
  const Ran ran = run("test good.test.yaml");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out,
            "pass  A late task makes its unit red\n"
            "pass  A task in time raises nothing\n"
            "good.test.yaml: 2 tests, 0 failed\n");
  EXPECT_EQ(run("test good.test.yaml --quiet").out, "good.test.yaml: 2 tests, 0 failed\n");
  EXPECT_EQ(json("test good.test.yaml").at("tests").as_array().size(), 2u);
}

TEST_F(DefinitionCommandTest, ATestThatFailsSaysWhereAndWhatWasThere) {
  write("bad.test.yaml", R"yaml(definitions: tasks.yaml
tests:
  - name: Expects too much
    steps:
      - clock: 2025-01-05
      - event: task.assigned T1 unit=Roads due_at=2025-01-10
      - expect_view: { view: delivery, node: Roads, rows: [{ window: 2025-01, due: 2 }] }
)yaml");
  const Ran ran = run("test bad.test.yaml");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("FAIL  Expects too much\n      bad.test.yaml:7"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("bad.test.yaml: 1 test, 1 failed"), std::string::npos) << ran.out;
  EXPECT_EQ(json("test bad.test.yaml", 1).at("tests").at(0).at("passed"), false);
}

TEST_F(DefinitionCommandTest, TestsThatCannotBeRunEndWithTheCodeOfTheirError) {
  write("wrong.test.yaml",
        "definitions: tasks.yaml\ntests:\n  - { nam: x, steps: [{ clok: 2025-01-05 }] }\n");
  const Ran ran = run("test wrong.test.yaml");
  EXPECT_EQ(ran.code, 78);
  EXPECT_NE(ran.err.find("wrong.test.yaml:3:"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("did you mean 'name'?"), std::string::npos) << ran.err;
  EXPECT_EQ(run("test missing.test.yaml").code, 74);
  write("lost.test.yaml", "definitions: missing.yaml\ntests: []\n");
  EXPECT_EQ(run("test lost.test.yaml").code, 74);
}

TEST_F(DefinitionCommandTest, AWrongMappingShowsEveryErrorBeforeTheFirstRow) {
  write("wrong.mapping.yaml", R"yaml(format: cvs
time_zone: Asia/Ho_Chi_Minh
source: tasks
events:
  - type: task.asigned
    time: assigned
    id: "{task"
    fields: { taks: task }
  - type: task.completed
    fields: { task: task }
)yaml");
  const Ran ran = run(std::string("import tasks.csv --mapping wrong.mapping.yaml") + kHere);
  EXPECT_EQ(ran.code, 78);
  for (const char* place : {"wrong.mapping.yaml:1:9: ", "wrong.mapping.yaml:5:11: ", "wrong.mapping.yaml:7:",
                            "wrong.mapping.yaml:9:"})
    EXPECT_NE(ran.err.find(place), std::string::npos) << place << "\n" << ran.err;
  for (const char* hint : {"did you mean 'csv'?", "did you mean 'task.assigned'?"})
    EXPECT_NE(ran.err.find(hint), std::string::npos) << hint << "\n" << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("data"))) << "nothing is made before all is understood";
}

TEST_F(DefinitionCommandTest, AMappingThatNamesNoColumnOfTheFileSaysWhichThereAre) {
  std::string mapping = read(path("mapping.yaml"));
  mapping.replace(mapping.find("person: person"), 14, "person: persn");
  write("mapping.yaml", mapping);
  const Ran ran = run(std::string("import tasks.csv --mapping mapping.yaml") + kHere);
  EXPECT_EQ(ran.code, 78) << ran.out;
  EXPECT_NE(ran.err.find("persn"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("did you mean 'person'?"), std::string::npos) << ran.err;
}

TEST_F(DefinitionCommandTest, AWrongConfigurationShowsEveryErrorWithItsPlace) {
  write("wrong.conf.yaml", "partitions: many\nmemori: 1 GiB\nclock: tomorrow\n");
  const Ran ran = run("config print --config wrong.conf.yaml --set commit_interval=0s");
  EXPECT_EQ(ran.code, 78);
  for (const char* place : {"wrong.conf.yaml:1", "wrong.conf.yaml:2", "wrong.conf.yaml:3", "--set"})
    EXPECT_NE(ran.err.find(place), std::string::npos) << place << "\n" << ran.err;
  EXPECT_NE(ran.err.find("did you mean 'memory'?"), std::string::npos) << ran.err;
}

TEST_F(DefinitionCommandTest, TheVersionIsPrintedInEveryForm) {
  EXPECT_EQ(run("version").out.substr(0, 11), "slipstream ");
  EXPECT_FALSE(text(json("version").at("version")).empty());
  EXPECT_EQ(run("version --output csv").out.substr(0, 12), "fact,value\r\n");
}

}  // namespace
}  // namespace slipstream
