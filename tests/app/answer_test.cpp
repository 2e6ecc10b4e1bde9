// The same answer as a table, as JSON and as CSV.
#include "engine/app/output/answer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace slipstream {
namespace {

std::string printed(OutputFormat format, const std::function<void(Answer&)>& fill) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  {
    Answer answer(file, format);
    fill(answer);
    EXPECT_TRUE(answer.finish());
  }
  std::fclose(file);
  std::string result(text, size);
  std::free(text);
  return result;
}

void two_rows(Answer& answer) {
  answer.fact("as_of", text_cell("2025-01-01"));
  answer.section("rows", {text_column("node"), number_column("value")});
  answer.row({text_cell("Sở Y tế"), number_cell(Rational(200, 3), 2)});
  answer.row({text_cell("a,\"b\""), Cell()});
  answer.section("events", {text_column("id")}, Answer::Part::beside);
  answer.fact("equal", boolean_cell(true));
}

TEST(AnswerTest, ATableAlignsByCharactersNotBytes) {
  EXPECT_EQ(printed(OutputFormat::table, two_rows),
            "as of: 2025-01-01\n\n"
            "node     value\n"
            "-------  -----\n"
            "Sở Y tế  66.67\n"
            "a,\"b\"\n"
            "\nevents\n(none)\n"
            "equal: true\n");
}

TEST(AnswerTest, JsonHasFactsSectionsAndExactForms) {
  const boost::json::value value = boost::json::parse(printed(OutputFormat::json, two_rows));
  EXPECT_EQ(value.at("as_of"), "2025-01-01");
  EXPECT_EQ(value.at("rows").at(0).at("value_exact"), "200/3");
  EXPECT_EQ(value.at("rows").at(0).at("value").as_double(), 66.67);
  EXPECT_TRUE(value.at("rows").at(1).at("value").is_null());
  EXPECT_EQ(value.at("events").as_array().size(), 0u);
  EXPECT_EQ(value.at("equal"), true);
}

TEST(AnswerTest, JsonOfNothingIsStillAnObject) {
  EXPECT_EQ(boost::json::parse(printed(OutputFormat::json, [](Answer&) {})).as_object().size(), 0u);
}

TEST(AnswerTest, CsvHasTheMainSectionAloneAndQuotesWhatNeedsIt) {
  EXPECT_EQ(printed(OutputFormat::csv, two_rows), "node,value\r\nSở Y tế,66.67\r\n\"a,\"\"b\"\"\",\r\n");
}

TEST(AnswerTest, CsvOfFactsAloneHasThemAsRows) {
  EXPECT_EQ(printed(OutputFormat::csv,
                    [](Answer& answer) {
                      answer.fact("code", text_cell("wrong_type"));
                      answer.fact("reason", text_cell("a, b"));
                    }),
            "fact,value\r\ncode,wrong_type\r\nreason,\"a, b\"\r\n");
}

TEST(AnswerTest, ALongTableKeepsItsWidthsAndLosesNoRow) {
  const std::string text = printed(OutputFormat::table, [](Answer& answer) {
    answer.section("rows", {number_column("n")});
    for (std::size_t i = 0; i < 3 * Answer::kRowsForWidths; ++i)
      answer.row({count_cell(i)});
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            static_cast<std::ptrdiff_t>(3 * Answer::kRowsForWidths + 2));
}

TEST(AnswerTest, ControlCharactersDoNotReachATerminal) {
  const std::string text = printed(OutputFormat::table, [](Answer& answer) {
    answer.section("rows", {text_column("n")});
    answer.row({text_cell("a\x1b[31mb\nc")});
  });
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a [31mb c"), std::string::npos);
}

TEST(AnswerTest, CellsAreRoundedHalfEvenAndKeepTheirExactValue) {
  EXPECT_EQ(number_cell(Rational(1, 8), 2).text, "0.12");
  EXPECT_EQ(number_cell(Rational(3, 8), 2).text, "0.38");
  EXPECT_EQ(number_cell(Rational(3, 8), 2).exact, "3/8");
  EXPECT_EQ(value_cell(KpiValue::decimal(Rational(397, 20)), Zone()).text, "19.85");
  EXPECT_EQ(value_cell(KpiValue::decimal(Rational(200, 3)), Zone()).text, "66.666667");
  EXPECT_EQ(value_cell(KpiValue::decimal(Rational(0)), Zone()).text, "0");
  EXPECT_EQ(value_cell(KpiValue::decimal(Rational(397, 20)), Zone(), 1).text, "19.8");
  EXPECT_EQ(value_cell(Value::decimal(Decimal::from_units(1250, 3)), Zone()).text, "1.25");
}

}  // namespace
}  // namespace slipstream
