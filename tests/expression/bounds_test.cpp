// Whatever a formula makes of a row, one evaluation takes bounded time and memory: what would take more is
// NULL and counted as a numeric error.
#include <gtest/gtest.h>

#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

// A text of 2^`power` times 16 letters "a" out of a short expression.
std::string long_text(int power) {
  std::string text = "'aaaaaaaaaaaaaaaa'";
  for (int i = 0; i < power; i += 4)
    text = "replace(" + text + ", 'a', '" + std::string(16, 'a') + "')";
  return text;
}

std::string result(const std::string& text) {
  const SampleRow sample;
  std::vector<ExpressionError> errors;
  const auto expression = compile_expression(text, sample.scope, Type::null, errors);
  if (!expression) return errors.front().message;
  return evaluated(*expression, sample.row, sample);
}

TEST(Bounds, SearchingALongTextForALongOneEnds) {
  const std::string text = long_text(16);
  const std::string half = "left(" + text + ", 500000)";
  EXPECT_EQ(result("strpos(" + text + ", " + half + " || 'b')"), "integer NULL lost");
  EXPECT_EQ(result(text + " like '%' || " + half + " || 'b%'"), "boolean NULL lost");
  EXPECT_EQ(result("length(trim(both 'bcdefgh' || " + half + " from " + text + "))"), "integer NULL lost");
  EXPECT_EQ(result("length(replace(" + text + ", " + half + " || 'b', 'c'))"), "integer NULL lost");
  EXPECT_EQ(result("length(split_part(" + text + ", " + half + " || 'b', -1))"), "integer NULL lost");
}

TEST(Bounds, ManyLongTextsInOneEvaluationEnd) {
  const std::string one = "length(" + long_text(16) + ")";
  std::string sum = one;
  for (int i = 1; i < 70; ++i)
    sum += " + " + one;
  EXPECT_EQ(result(sum), "integer NULL lost");
}

TEST(Bounds, OrdinaryTextsAreFarFromThem) {
  const std::string text = long_text(8);  // 4 KiB
  EXPECT_EQ(result(text + " like '%" + std::string(200, 'a') + "%a'"), "boolean true");
  EXPECT_EQ(result("strpos(" + text + ", '" + std::string(1000, 'a') + "')"), "integer 1");
  EXPECT_EQ(result("length(" + long_text(16) + ")"), "integer 1048576");
}

}  // namespace
}  // namespace slipstream::testing
