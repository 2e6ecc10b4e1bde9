// Every line of golden/*.txt is "expression => result": what the expression gives for SampleRow, at the row
// level and, where it prints otherwise, at the KPI level, or the errors it has. Lines without "=>" are
// comments or blank.
//
// SLIPSTREAM_REWRITE_GOLDEN=1 rewrites the files with what is computed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

const std::string kFolder = std::string(SLIPSTREAM_GOLDEN_DIR);
constexpr std::string_view kArrow = " => ";

std::string described(const std::vector<ExpressionError>& errors) {
  std::string out = "error";
  for (const ExpressionError& error : errors) {
    out += " " + std::string(name_of(error.code)) + "@" + std::to_string(error.position);
    if (error.hint.starts_with("did you mean")) out += " (" + error.hint + ")";
  }
  return out;
}

std::string result_of(const std::string& text, const SampleRow& sample) {
  std::vector<ExpressionError> errors;
  const auto expression = compile_expression(text, sample.scope, Type::null, errors);
  if (!expression) return described(errors);
  const std::string row_level = evaluated(*expression, sample.row, sample);
  const std::string kpi_level = evaluated(*expression, sample.kpi_row, sample);
  return row_level == kpi_level ? row_level : row_level + " | kpi " + kpi_level;
}

class GoldenFile : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenFile, EveryExpressionGivesItsWrittenResult) {
  const std::string path = kFolder + "/" + GetParam() + ".txt";
  std::ifstream in(path);
  ASSERT_TRUE(in.good()) << path;
  const bool rewrites = std::getenv("SLIPSTREAM_REWRITE_GOLDEN") != nullptr;
  const SampleRow sample;
  std::string rewritten;
  std::size_t checked = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) {
      rewritten += line + "\n";
      continue;
    }
    const std::size_t arrow = line.rfind(kArrow);
    const std::string text = line.substr(0, arrow);
    const std::string computed = text + std::string(kArrow) + result_of(text, sample);
    rewritten += computed + "\n";
    if (!rewrites) {
      EXPECT_EQ(computed, line);
    }
    ++checked;
  }
  EXPECT_GT(checked, 50u);
  if (rewrites) std::ofstream(path) << rewritten;
}

INSTANTIATE_TEST_SUITE_P(Expression, GoldenFile,
                         ::testing::Values("logic", "numbers", "text", "calendar", "errors"),
                         [](const auto& file) { return std::string(file.param); });

}  // namespace
}  // namespace slipstream::testing
