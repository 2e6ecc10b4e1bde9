// Every file of cases/, run as written and in every other way: the same answers to the byte.
//
// SLIPSTREAM_GOLDEN_REWRITE=1 writes the answers of the run as written into the files; read the difference
// before it is committed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/golden/rerun.h"

namespace slipstream::testing {
namespace {

const std::string kFolder = std::string(SLIPSTREAM_SOURCE_DIR) + "/tests/golden/cases";

std::vector<std::string> way_names() {
  std::vector<std::string> names;
  for (const auto& [name, list] : ways())
    names.push_back(name);
  return names;
}

class Golden : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

void compare(const Script& script, const std::vector<Lines>& answers, const Way& way) {
  std::size_t query = 0;
  for (const Command& command : script.commands) {
    if (!command.is_query()) continue;
    EXPECT_EQ(comparable(answers[query], command, way), comparable(command.block, command, way))
        << script.name << ".golden:" << command.line << ": " << command.text << "\n"
        << way.describe();
    ++query;
  }
  EXPECT_GT(query, 0u) << "a file without a query shows nothing";
}

TEST_P(Golden, AnswersAsWritten) {
  const auto& [name, way_name] = GetParam();
  const std::string path = kFolder + "/" + name + ".golden";
  const auto script = read_script(path);
  ASSERT_TRUE(script.has_value()) << script.error().message;
  for (const Way& way : ways().at(way_name)) {
    const auto answers = run(*script, way);
    ASSERT_TRUE(answers.has_value()) << answers.error().message << "\n" << way.describe();
    if (way_name == "as_written" && std::getenv("SLIPSTREAM_GOLDEN_REWRITE") != nullptr) {
      std::ofstream(path) << rewritten(*script, *answers);
      continue;
    }
    compare(*script, *answers, way);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Golden,
                         ::testing::Combine(::testing::ValuesIn(list_scripts(kFolder)),
                                            ::testing::ValuesIn(way_names())),
                         [](const auto& file) {
                           return std::get<0>(file.param) + "_" + std::get<1>(file.param);
                         });

}  // namespace
}  // namespace slipstream::testing
