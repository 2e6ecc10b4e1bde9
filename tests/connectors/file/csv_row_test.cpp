#include "connectors/file/csv_row.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace slipstream {
namespace {

struct ReadCsv {
  std::vector<std::vector<std::string>> rows;  // a row with a problem has no fields
  std::vector<CsvProblem> problems;
  std::int64_t lines = 0;
};

// Reads all rows, given `window` bytes at first and one more whenever they do not suffice.
ReadCsv read_all(std::string_view bytes, char delimiter = ',', std::size_t window = std::string_view::npos) {
  ReadCsv read;
  CsvRow row;
  while (!bytes.empty()) {
    std::size_t size = std::max<std::size_t>(1, std::min(window, bytes.size()));
    while (!scan_csv_row(bytes.substr(0, size), delimiter,
                         size == bytes.size() ? MoreInput::no : MoreInput::may_follow, row))
      ++size;
    read.rows.emplace_back(row.fields.begin(), row.fields.end());
    read.problems.push_back(row.problem);
    read.lines += row.lines;
    EXPECT_GT(row.length, 0U);
    EXPECT_LE(row.length, bytes.size());
    EXPECT_LE(row.text_length, row.length);
    bytes.remove_prefix(row.length);
  }
  return read;
}

using Rows = std::vector<std::vector<std::string>>;

TEST(CsvRow, fields_stand_between_delimiters) {
  EXPECT_EQ(read_all("a,b,c\n1,,3\n").rows, (Rows{{"a", "b", "c"}, {"1", "", "3"}}));
}

TEST(CsvRow, the_last_row_needs_no_line_end) {
  EXPECT_EQ(read_all("a,b\n1,").rows, (Rows{{"a", "b"}, {"1", ""}}));
}

TEST(CsvRow, lines_may_end_with_carriage_return_and_line_feed) {
  EXPECT_EQ(read_all("a,b\r\n\"1\",\"2\"\r\n").rows, (Rows{{"a", "b"}, {"1", "2"}}));
}

TEST(CsvRow, a_carriage_return_within_a_field_belongs_to_it) {
  EXPECT_EQ(read_all("a\rb,c\n").rows, (Rows{{"a\rb", "c"}}));
}

TEST(CsvRow, quotes_hold_delimiters_line_ends_and_doubled_quotes) {
  const ReadCsv read = read_all("\"a,b\",\"line\nline\r\nline\",\"say \"\"yes\"\"\",\"\"\n");
  EXPECT_EQ(read.rows, (Rows{{"a,b", "line\nline\r\nline", "say \"yes\"", ""}}));
  EXPECT_EQ(read.lines, 3);
}

TEST(CsvRow, the_delimiter_is_as_declared) { EXPECT_EQ(read_all("a;b,c\n", ';').rows, (Rows{{"a", "b,c"}})); }

struct BadCsv {
  std::string_view bytes;
  CsvProblem problem;
  std::size_t field;
  std::string_view rest;  // where reading goes on
};

TEST(CsvRow, a_problem_costs_one_row_and_names_the_field) {
  const std::vector<BadCsv> table = {
      {"a,b\"c,d\n1,2,3\n", CsvProblem::quote_inside_field, 1, "1,2,3\n"},
      {"\"a\"b,c\n1,2\n", CsvProblem::text_after_quote, 0, "1,2\n"},
      {"x,\"a\" ,c\n1,2\n", CsvProblem::text_after_quote, 1, "1,2\n"},
      {"\"a\"\rb\n1\n", CsvProblem::text_after_quote, 0, "1\n"},
      {"x,\"never closed\n1,2\n3,4\n", CsvProblem::unterminated_quote, 1, "1,2\n3,4\n"},
      {"\"", CsvProblem::unterminated_quote, 0, ""},
      {"\"two\nlines\"x\nnext\n", CsvProblem::text_after_quote, 0, "next\n"},
  };
  for (const BadCsv& bad : table) {
    CsvRow row;
    ASSERT_TRUE(scan_csv_row(bad.bytes, ',', MoreInput::no, row)) << bad.bytes;
    EXPECT_EQ(row.problem, bad.problem) << bad.bytes;
    EXPECT_EQ(row.problem_field, bad.field) << bad.bytes;
    EXPECT_EQ(bad.bytes.substr(row.length), bad.rest) << bad.bytes;
    EXPECT_TRUE(row.fields.empty());
  }
}

TEST(CsvRow, an_unfinished_row_waits_for_more_input) {
  for (const std::string_view bytes : {"a", "a,", "a\r", "\"a", "\"a\"", "\"a\"\r", "\"a\"\"", "a\"b"}) {
    CsvRow row;
    EXPECT_FALSE(scan_csv_row(bytes, ',', MoreInput::may_follow, row)) << bytes;
  }
}

RC_GTEST_PROP(CsvRow, what_is_written_is_read_back, ()) {
  const auto field = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\n\r;")));
  const auto fields = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(field));
  const auto rows = *rc::gen::resize(15, rc::gen::nonEmpty(rc::gen::container<Rows>(fields)));
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += (i > 0 ? "," : "") + quoted_csv_field(row[i]);
    text += "\n";
  }
  RC_ASSERT(read_all(text).rows == rows);
}

RC_GTEST_PROP(CsvRow, any_bytes_read_alike_in_any_pieces, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("a,\"\n\r")), rc::gen::arbitrary<char>()));
  const ReadCsv whole = read_all(text);
  const ReadCsv pieces = read_all(text, ',', 1);
  RC_ASSERT(whole.rows == pieces.rows);
  RC_ASSERT(whole.problems == pieces.problems);
  RC_ASSERT(whole.lines == std::count(text.begin(), text.end(), '\n'));
}

}  // namespace
}  // namespace slipstream
