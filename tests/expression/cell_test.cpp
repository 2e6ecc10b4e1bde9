#include "engine/expression/cell.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace slipstream {
namespace {

using namespace std::string_literals;

std::string json_of(const Cell& cell) {
  std::string json;
  append_json(json, cell);
  return json;
}

TEST(Cell, escapesInJsonWhatHasTo) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("Sở Y tế / d01 \x7f"), "\"Sở Y tế / d01 \x7f\"");
  EXPECT_EQ(json_string(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\n\r\t\b\f"), R"("\n\r\t\b\f")");
  EXPECT_EQ(json_string("\0\x1f"s), R"("\u0000\u001f")");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), 'b'};
    EXPECT_EQ(json_string(text), boost::json::serialize(boost::json::string(text))) << byte;
  }
}

TEST(Cell, isInJsonWhatItIs) {
  EXPECT_EQ(json_of({}), "null");
  EXPECT_EQ(json_of(text_cell("")), R"("")");
  EXPECT_EQ(json_of(optional_text_cell("")), "null");
  EXPECT_EQ(json_of(text_cell("12")), R"("12")");
  EXPECT_EQ(json_of(integer_cell(-12)), "-12");
  EXPECT_EQ(json_of(boolean_cell(true)), "true");
  EXPECT_EQ(json_of(number_cell(Rational(1, 4), 3)), "0.250");
  EXPECT_EQ(json_of(number_cell(std::nullopt, 3)), "null");
  EXPECT_EQ(json_of(time_cell(Timestamp{0}, Zone())), R"("1970-01-01T00:00:00+00:00")");
}

TEST(Cell, isAMemberWithTheExactNumberBesideIt) {
  std::string members;
  append_json_member(members, "a\"", text_cell("b"));
  append_json_member(members, "mean", number_cell(Rational(200, 3), 2));
  EXPECT_EQ(members, R"("a\"": "b", "mean": 66.67, "mean_exact": "200/3")");
}

}  // namespace
}  // namespace slipstream
