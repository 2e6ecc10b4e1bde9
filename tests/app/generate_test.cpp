// `slipstream generate`: the same bytes into a file and a pipe, at the rate that was asked for.
#include <algorithm>

#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class GenerateTest : public CommandTest {};

TEST_F(GenerateTest, WritesTheSameBytesForTheSameSeed) {
  ASSERT_EQ(run("generate a --seed 3").code, 0);
  ASSERT_EQ(run("generate b --seed 3").code, 0);
  ASSERT_EQ(run("generate c --seed 4").code, 0);
  EXPECT_EQ(read(path("a/city.jsonl")), read(path("b/city.jsonl")));
  EXPECT_NE(read(path("a/city.jsonl")), read(path("c/city.jsonl")));
  EXPECT_EQ(read(path("a/city.yaml")), read(path("b/city.yaml")));
}

TEST_F(GenerateTest, ADashWritesTheEventsAloneToTheStandardOutput) {
  ASSERT_EQ(run("generate city --seed 3 --days 20").code, 0);
  const Ran piped = run("generate - --seed 3 --days 20");
  EXPECT_EQ(piped.code, 0) << piped.err;
  EXPECT_EQ(piped.out, read(path("city/city.jsonl")));
  const Ran whole = run("generate - --seed 3");
  EXPECT_TRUE(whole.out.starts_with(piped.out)) << "the first days are those of the whole";
  EXPECT_GT(whole.out.size(), piped.out.size() * 4);
}

TEST_F(GenerateTest, ACityGoesInWithoutABadRowOrADeadLetter) {
  ASSERT_EQ(run("generate city").code, 0);
  EXPECT_EQ(run("validate --quiet city/city.yaml").code, 0);
  const std::string there = " --data data --definitions city/city.yaml --set clock=events";
  EXPECT_EQ(json("import city/city.jsonl" + there).at("files").as_array().at(0).at("bad"), 0);
  const auto ran = json("run --until-idle" + there).at("counters").as_array().at(0).as_object();
  EXPECT_EQ(ran.at("dead_lettered"), 0);
  EXPECT_EQ(ran.at("duplicates"), 0);
  EXPECT_EQ(ran.at("numeric_errors"), 0);
  EXPECT_EQ(ran.at("backlog"), 0);
  EXPECT_EQ(json("check" + there).at("different"), 0);
}

// A machine under load may be later than asked, never earlier.
TEST_F(GenerateTest, IsNoFasterThanItsRateAndLetsEventsGoAsTheyAreDue) {
  ASSERT_EQ(run_script(R"sh(
"$SLIPSTREAM" generate - --days 2 >all.txt
: >paced.txt
began=$(date +%s%N)
"$SLIPSTREAM" generate - --days 2 --rate 40 >paced.txt & pid=$!
until [ $(wc -l <paced.txt) -ge 20 ]; do kill -0 $pid || exit 90; sleep 0.01; done
echo $(( ($(date +%s%N) - began) / 1000000 )) >twenty.txt
[ $(wc -l <paced.txt) -lt $(wc -l <all.txt) ] || exit 91   # seen before all were written
wait $pid || exit 92
echo $(( ($(date +%s%N) - began) / 1000000 )) >whole.txt
cmp all.txt paced.txt || exit 93
)sh"),
            0);
  const std::string all = read(path("all.txt"));
  const auto events = std::count(all.begin(), all.end(), '\n');
  EXPECT_GE(std::stoi(read(path("twenty.txt"))), 19 * 1000 / 40 - 20);
  EXPECT_GE(std::stoi(read(path("whole.txt"))), (events - 1) * 1000 / 40 - 20);
}

TEST_F(GenerateTest, RefusesARateAndDaysThatAreNone) {
  for (const char* arguments : {"--rate 0", "--rate -5", "--days 0", "--rate x"})
    EXPECT_EQ(run(std::string("generate city ") + arguments).code, 2) << arguments;
}

}  // namespace
}  // namespace slipstream
