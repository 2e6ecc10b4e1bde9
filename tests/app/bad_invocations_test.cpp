// A wrong invocation ends with the code docs/cli.md promises, says why on the standard error, and prints no
// answer.
#include <boost/json.hpp>
#include <sstream>
#include <vector>

#include "engine/base/time.h"
#include "tests/app/command_fixture.h"

namespace slipstream {
namespace {

struct BadInvocation {
  const char* arguments;
  int code;
  const char* says;
};

const BadInvocation kBadInvocations[] = {
    {"", 2, "subcommand"},
    {"qery delivery", 2, "did you mean 'query'"},
    {"--frobnicate", 2, "usage"},
    {"query", 2, "VIEW|KPI"},
    {"query delivery", 2, "--definitions"},
    {"query delivry --definitions tasks.yaml --data data", 2, "did you mean 'delivery'"},
    {"query delivery --definitions tasks.yaml --data data --window 2025-13", 2,
     "'2025-13' names no window; write it like 2021-03 (month)"},
    {"query delivery --definitions tasks.yaml --data data --every fortnight", 2, "it has"},
    {"query delivery --definitions tasks.yaml --data data --from yesterday", 2, "yesterday"},
    {"query delivery --definitions tasks.yaml --data data --from 2025-03-01 --to 2025-02-01", 2,
     "is not after"},
    {"query delivery --definitions tasks.yaml --data data --window 2025-01 --from 2025-01-01", 2, "excludes"},
    {"query delivery --definitions tasks.yaml --data data --output xml", 2, "xml"},
    {"query delivery --definitions tasks.yaml --data data --node roads", 2, "did you mean 'Roads'?"},
    {"query delivery --definitions tasks.yaml --data data --node An", 2, "did you mean 'Roads/An'?"},
    {"query delivery --definitions tasks.yaml --data data --node 'Hải Châu'", 2,
     "there are Parks, Parks/Minh, Roads"},
    {"query delivery --definitions tasks.yaml --data data --subtree", 2, "--subtree requires --node"},
    {"query delivery --definitions tasks.yaml --data nowhere", 69, "there is no log"},
    {"query delivery --definitions other.yaml --data data", 69, "slipstream run"},
    {"explain delivery --node city --definitions tasks.yaml --data data", 2, "--window"},
    {"explain delivery --node city --window 2025-01 --measure x --definitions tasks.yaml --data data", 2,
     "measure"},
    {"explain delivery --node Raods --window 2025-01 --definitions tasks.yaml --data data", 2,
     "did you mean 'Roads'?"},
    {"check nothing --definitions tasks.yaml --data data", 2, "no view"},
    {"run --definitions missing.yaml --data data", 74, "missing.yaml"},
    {"run --definitions wrong.yaml --data data", 78, "wrong.yaml:1"},
    {"run --definitions tasks.yaml --data data --set memory=1MiB", 78, "64 MiB"},
    {"run --definitions tasks.yaml --data data --set memori=1GiB", 78, "did you mean 'memory'"},
    {"run --definitions tasks.yaml --data data --set nonsense", 2, "key=value"},
    {"run --definitions tasks.yaml --data data --config missing.yaml", 74, "missing.yaml"},
    {"run --definitions tasks.yaml --data /proc/no/such", 74, "/proc/no"},
    {"import --mapping mapping.yaml", 2, "FILE"},
    {"import nothing.csv --mapping mapping.yaml --data data", 74, "nothing.csv"},
    {"import tasks.csv --data data", 2, "--mapping"},
    {"import tasks.csv --mapping wrong.yaml --data data", 78, "wrong.yaml"},
    {"log show nothing --data data", 2, "no topic"},
    {"log show events --partition 99 --data data", 2, "partitions"},
    {"log copy data --data data", 69, "there is state already"},
    {"log copy --data data", 2, "--to-config"},
    {"log copy copy --to-config tasks.yaml --data data", 2, "excludes"},
    {"log copy --to-config missing.yaml --data data", 74, "missing.yaml"},
    {"dlq list --code not_a_code --data data", 2, "not_a_code"},
    {"dlq show 5 --data data", 2, "dead letter"},
    {"dlq show five --data data", 2, "five"},
    {"alerts list --lang de --data data", 2, "de"},
    {"alerts list --rule sliping --data data --definitions tasks.yaml", 2, "did you mean 'slipping'?"},
    {"backtest --definitions tasks.yaml --data data --rule sliping", 2, "did you mean 'slipping'?"},
    {"backtest --definitions tasks.yaml --data data --from 2030-01-01", 2, "nothing"},
    {"generate", 2, "DIR"},
    {"validate missing.yaml", 74, ""},
    {"run --role clerk --definitions tasks.yaml --data data", 2, "clerk"},
    {"run --role reader --definitions tasks.yaml --data data", 2, "Kafka"},
    {"run --role reader --definitions tasks.yaml --data data --set log=kafka --set "
     "kafka.bootstrap.servers=localhost:1",
     2, "where it listens"},
    {"run --role reader --until-idle --definitions tasks.yaml --data data --set log=kafka --set "
     "kafka.bootstrap.servers=localhost:1 --set http=0",
     2, "--until-idle"},
    {"query delivery --definitions tasks.yaml --data data --messages xml", 2, "xml"},
    {"demo --data data", 2, "not the demo's"},
};

class BadInvocationTest : public TaskCommandTest {};

TEST_F(BadInvocationTest, EndsWithTheCodeOfItsBlameAndSaysWhy) {
  import_and_run();
  write("wrong.yaml", "time_zone: Nowhere/Land\nviews: 5\n");
  // Another view has a state of its own.
  std::string other = read(path("tasks.yaml"));
  other.replace(other.find("sum(fee)"), 8, "max(fee)");
  write("other.yaml", other);
  for (const BadInvocation& bad : kBadInvocations) {
    const Ran ran = run(bad.arguments);
    EXPECT_EQ(ran.code, bad.code) << bad.arguments << "\n" << ran.out << ran.err;
    EXPECT_NE((ran.err + ran.out).find(bad.says), std::string::npos) << bad.arguments << "\n" << ran.err;
  }
}

// The lines of the standard error, each an object of JSON.
std::vector<boost::json::object> messages_of(const std::string& text) {
  std::vector<boost::json::object> messages;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code wrong;
    const boost::json::value value = boost::json::parse(line, wrong);
    EXPECT_FALSE(wrong) << line;
    if (value.is_object()) messages.push_back(value.as_object());
  }
  return messages;
}

TEST_F(BadInvocationTest, MessagesForProgramsAreAnObjectALine) {
  import_and_run();
  write("wrong.yaml", "time_zone: Nowhere/Land\nviews: 5\n");
  const Ran said =
      run("run --until-idle --messages json --definitions tasks.yaml --data data --set "
          "clock=2001-01-01T00:00:00Z");
  EXPECT_EQ(said.code, 0) << said.err;
  const auto remarks = messages_of(said.err);
  ASSERT_FALSE(remarks.empty());
  EXPECT_EQ(remarks.back().at("level"), "info");
  EXPECT_TRUE(parse_timestamp(std::string_view(remarks.back().at("time").as_string())));
  const Ran failed = run("run --definitions wrong.yaml --data data --messages json");
  EXPECT_EQ(failed.code, 78);
  const auto errors = messages_of(failed.err);
  ASSERT_GE(errors.size(), 2);  // what is wrong in the file, and that it ends
  EXPECT_EQ(errors.front().at("level"), "error");
  EXPECT_NE(errors.front().at("message").as_string().find("wrong.yaml:1"), std::string::npos);
  EXPECT_TRUE(errors.back().contains("code"));
}

TEST_F(BadInvocationTest, ASecondWriterIsRefusedWhileTheFirstGoesOn) {
  import_and_run();
  EXPECT_EQ(
      run_script(fmt::format("\"$SLIPSTREAM\" run --quiet {0} & pid=$!\n"
                             "sleep 1\n\"$SLIPSTREAM\" run --until-idle --quiet {0} 2>err.txt\ncode=$?\n"
                             "kill -TERM $pid\nwait $pid && exit $code\n",
                             kHere)),
      69)
      << read(path("err.txt"));
}

}  // namespace
}  // namespace slipstream
