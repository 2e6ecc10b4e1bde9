// The demo lives on: over its HTTP service, past Ctrl-C and kill -9, with no event twice and none lost.
#include <algorithm>
#include <set>

#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

class DemoTest : public CommandTest {
 protected:
  // Begins a script: demo() starts one on `size` and a free port and waits for its address; get PATH asks it;
  // stop SIGNAL ends it and keeps its exit code in $code.
  static constexpr const char* kDemo = R"sh(
trap 'kill -KILL $pid 2>/dev/null' EXIT
demo() {
  : >now.txt
  "$SLIPSTREAM" demo --size small --data demo --set http=127.0.0.1:0 "$@" >now.txt 2>>remarks.txt & pid=$!
  port=
  until [ -n "$port" ]; do
    kill -0 $pid || exit 90
    port=$(sed -n 's|^Sông Hàn is at http://127.0.0.1:\([0-9]*\)/$|\1|p' now.txt)
    sleep 0.02
  done
}
get() {
  exec 3<>/dev/tcp/127.0.0.1/$port
  printf 'GET %s HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
}
stop() {
  kill -$1 $pid
  wait $pid
  code=$?
  cat now.txt >>demo.txt
}
# until_day DAY: waits until the city's time has come to it.
until_day() {
  until [[ $(get /v1/alerts?limit=1 | grep -o 'as_of": "[0-9-]*' | cut -c10-) > $1 ]]; do
    kill -0 $pid || exit 91
    sleep 0.02
  done
}
)sh";

  std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> all;
    std::istringstream in(read(path(name)));
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

  static std::string time_of(const std::string& event) {
    return text(boost::json::parse(event).as_object().at("time"));
  }
};

constexpr const char* kThere = " --data demo --definitions demo/city.yaml";

TEST_F(DemoTest, GoesOnWhereItWasAfterCtrlCAndAKillWithTheFiguresOfAPlainRun) {
  ASSERT_EQ(run_script(std::string(kDemo) + R"sh(
demo --speed 20
until_day 2025-04-10
get '/v1/kpis/on_time_rate?node=S%C3%B4ng%20H%C3%A0n' >figure.txt
stop INT
[ $code = 0 ] || exit 92
demo --speed 20
until_day 2025-04-20
stop KILL
demo --speed 20
until_day 2025-05-01
stop INT
exit $code
)sh"),
            0)
      << read(path("remarks.txt"));
  EXPECT_NE(read(path("figure.txt")).find("\"status\": \""), std::string::npos) << read(path("figure.txt"));

  // The log holds what a generator writes up to the clock: no event twice, and none missing.
  const auto delivery = json(std::string("query delivery") + kThere);
  const std::string clock = text(delivery.at("as_of"));
  EXPECT_GT(clock, "2025-05-01");
  ASSERT_EQ(run("generate city --seed 7").code, 0);
  std::string until_clock;
  std::uint64_t expected = 0;
  for (const std::string& event : lines("city/city.jsonl"))
    if (time_of(event) < clock) {
      until_clock += event + "\n";
      ++expected;
    }
  write("until.jsonl", until_clock);
  const std::string plain = " --data plain --definitions demo/city.yaml --set clock=" + clock;
  ASSERT_EQ(run("import until.jsonl" + plain).code, 0);
  const auto counters = json("run --until-idle" + plain).at("counters").at(0).as_object();
  EXPECT_EQ(counters.at("received").to_number<std::uint64_t>(), expected);
  std::uint64_t in_demo = 0;
  const auto log = json(std::string("log list") + kThere);
  for (const auto& topic : log.at("partitions").as_array())
    if (topic.at("topic") == "events" || topic.at("topic") == "reference")
      in_demo += topic.at("end").to_number<std::uint64_t>();
  EXPECT_EQ(in_demo, expected);
  for (const char* figures : {"delivery", "air", "health", "on_time_rate", "immunised", "traffic_speed"}) {
    const std::string ask = std::string("query ") + figures;
    EXPECT_EQ(run(ask + kThere + " --output json").out, run(ask + plain + " --output json").out) << figures;
  }
  EXPECT_EQ(json(std::string("check") + kThere).at("different"), 0);
}

TEST_F(DemoTest, TellsOfAlertsThatFireAndResolveAndStandsStillWhenItsTimeIsOver) {
  ASSERT_EQ(run_script(std::string(kDemo) + R"sh(
demo --speed 1000
until grep -q 'stands still' now.txt; do kill -0 $pid || exit 91; sleep 0.05; done
get '/v1/alerts?limit=1' >at_the_end.txt
stop INT
[ $code = 0 ] || exit 92
demo --speed 1000
until grep -q 'stands still' now.txt; do kill -0 $pid || exit 93; sleep 0.05; done
stop INT
exit $code
)sh"),
            0)
      << read(path("remarks.txt"));
  const std::string told = read(path("demo.txt"));
  EXPECT_NE(told.find("  fired     critical  Overdue tasks pile up: Tasks overdue of Phường An Hải"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("  resolved  critical  Overdue tasks pile up"), std::string::npos) << told;
  EXPECT_NE(told.find("  fired     critical  Behind plan: Immunisation coverage of Xã Bà Nà"),
            std::string::npos)
      << told;
  EXPECT_NE(read(path("at_the_end.txt")).find("\"as_of\": \"2025-07-01T00:00:00+07:00\""), std::string::npos)
      << read(path("at_the_end.txt"));
  // What was told once is not told again.
  std::set<std::string> fired;
  for (const std::string& line : lines("demo.txt"))
    if (line.find("  fired  ") != std::string::npos && !fired.insert(line).second)
      ADD_FAILURE() << "told twice: " << line;
}

TEST_F(DemoTest, BeginsAnewWhenAskedAndNeverInALogThatIsNotItsOwn) {
  const std::string begin = std::string(kDemo) + "demo --speed 1\nstop INT\nexit $code\n";
  ASSERT_EQ(run_script(begin), 0) << read(path("remarks.txt"));
  write("demo/mine.txt", "kept");
  const Ran other = run("demo --size city --data demo --set http=127.0.0.1:0");
  EXPECT_EQ(other.code, 2) << other.err;
  EXPECT_NE(other.err.find("--new"), std::string::npos) << other.err;
  ASSERT_EQ(run_script(std::string(kDemo) + "demo --new\nstop INT\nexit $code\n"), 0);
  EXPECT_EQ(read(path("demo/mine.txt")), "kept");

  ASSERT_EQ(run("generate city").code, 0);
  ASSERT_EQ(run("import city/city.jsonl --data own").code, 0);
  for (const char* anew : {"", " --new"}) {
    const Ran refused = run(std::string("demo --data own --set http=127.0.0.1:0") + anew);
    EXPECT_EQ(refused.code, 2) << refused.err;
    EXPECT_NE(refused.err.find("is not the demo's"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(json("import city/city.jsonl --data own").at("files").at(0).at("outcome"), "already imported");
}

TEST_F(DemoTest, KeepsItselfWhereProgramsKeepTheirStateAndTakesAnotherPortThanOneInUse) {
  ASSERT_EQ(run_script(R"sh(
export XDG_STATE_HOME=$PWD/state
trap 'kill -KILL $one $two 2>/dev/null' EXIT
touch one.txt two.txt
wait_for() { until grep -q 'is at http' $1; do kill -0 $2 || exit 90; sleep 0.02; done; }
"$SLIPSTREAM" demo --size small >one.txt 2>one.err & one=$!
wait_for one.txt $one
"$SLIPSTREAM" demo --size small --data other >two.txt 2>two.err & two=$!
wait_for two.txt $two
"$SLIPSTREAM" demo --size small >three.txt 2>three.err
code=$?
kill -INT $one $two
wait $one || exit 91
wait $two || exit 92
exit $code
)sh"),
            69)
      << read(path("one.err")) << read(path("two.err"));
  EXPECT_TRUE(std::filesystem::exists(path("state/slipstream/demo/city.yaml")));
  EXPECT_NE(read(path("two.err")).find("is taken; another one is used"), std::string::npos)
      << read(path("two.err"));
  EXPECT_NE(lines("one.txt").at(0), lines("two.txt").at(0));
  EXPECT_NE(read(path("three.err")).find("another process"), std::string::npos) << read(path("three.err"));
}

TEST_F(DemoTest, RefusesASpeedThatIsNone) {
  for (const char* speed : {"0", "-1", "0.0001", "1001", "fast"}) {
    const Ran ran = run(std::string("demo --data demo --speed=") + speed);
    EXPECT_EQ(ran.code, 2) << speed;
    EXPECT_NE(ran.err.find("days a second"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace slipstream
