// The demo tells its story, the same one every time, and leaves nothing behind unless asked to.
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

using DemoTest = CommandTest;

TEST_F(DemoTest, ShowsTheBoardTheAlertsInTwoLanguagesAndOneFigureThatAddsUp) {
  const Ran demo = run("demo --data city");
  ASSERT_EQ(demo.code, 0) << demo.err;
  EXPECT_NE(demo.out.find("Phường An Hải"), std::string::npos);
  EXPECT_NE(demo.out.find("red"), std::string::npos);
  EXPECT_NE(demo.out.find("Alerts that fired: "), std::string::npos);
  EXPECT_EQ(demo.out.find("Alerts that fired: 0"), std::string::npos);
  EXPECT_NE(demo.out.find("add up to the stored figure: yes"), std::string::npos) << demo.out;
  EXPECT_EQ(demo.out.find('\x1b'), std::string::npos) << "colour where nobody sees it";
  const std::string there = " --data city --definitions city/city.yaml --set clock=events";
  EXPECT_EQ(json("check" + there).at("different"), 0);
}

TEST_F(DemoTest, GenerateWritesTheSameBytesForTheSameSeed) {
  ASSERT_EQ(run("generate a --seed 3").code, 0);
  ASSERT_EQ(run("generate b --seed 3").code, 0);
  ASSERT_EQ(run("generate c --seed 4").code, 0);
  EXPECT_EQ(read(path("a/city.jsonl")), read(path("b/city.jsonl")));
  EXPECT_NE(read(path("a/city.jsonl")), read(path("c/city.jsonl")));
  EXPECT_EQ(read(path("a/city.yaml")), read(path("b/city.yaml")));
}

TEST_F(DemoTest, AGeneratedCityGoesInWithoutABadRowOrADeadLetter) {
  ASSERT_EQ(run("generate city").code, 0);
  const std::string there = " --data data --definitions city/city.yaml --set clock=events";
  EXPECT_EQ(json("import city/city.jsonl" + there).at("files").as_array().at(0).at("bad"), 0);
  const auto ran = json("run --until-idle" + there).at("counters").as_array().at(0).as_object();
  EXPECT_EQ(ran.at("dead_lettered"), 0);
  EXPECT_EQ(ran.at("backlog"), 0);
  EXPECT_EQ(json("check" + there).at("different"), 0);
}

}  // namespace
}  // namespace slipstream
