#include "connectors/file/row_source.h"

#include "import_fixture.h"

namespace slipstream {
namespace {

using testing::TemporaryFolder;

// "line|cell|cell" or "line!code!column" of each row.
std::vector<std::string> rows_of(RowSource& source) {
  std::vector<std::string> rows;
  Row row;
  while (*source.next(row)) {
    std::string text = std::to_string(row.place.line);
    if (row.problem)
      text += "!" + std::string(name_of(row.problem->code)) + "!" + row.problem->column;
    else
      for (const std::string_view cell : row.cells)
        text += "|" + std::string(cell);
    rows.push_back(text);
  }
  return rows;
}

std::vector<std::string> csv_rows(std::string_view text, const std::vector<std::string>& columns,
                                  char delimiter = ',') {
  const TemporaryFolder folder;
  auto source = open_csv(folder.write("a.csv", text), delimiter, columns);
  if (!source) return {std::string(name_of(source.error().code)) + ": " + source.error().message};
  return rows_of(**source);
}

std::vector<std::string> json_rows(std::string_view text, const std::vector<std::string>& columns) {
  const TemporaryFolder folder;
  return rows_of(**open_json_lines(folder.write("a.jsonl", text), columns));
}

using Strings = std::vector<std::string>;

TEST(CsvSource, gives_wanted_columns_in_wanted_order) {
  EXPECT_EQ(csv_rows("a,b,c\n1,2,3\n4,5,6\n", {"c", "a"}), (Strings{"2|3|1", "3|6|4"}));
}

TEST(CsvSource, a_byte_order_mark_is_no_part_of_the_header) {
  EXPECT_EQ(csv_rows("\xEF\xBB\xBF"
                     "a,b\r\n1,2\r\n",
                     {"a"}),
            (Strings{"2|1"}));
}

TEST(CsvSource, lines_are_counted_through_embedded_line_ends_and_empty_lines) {
  EXPECT_EQ(csv_rows("a,b\n\"x\ny\",1\n\n\r\nz,2\n", {"b"}), (Strings{"2|1", "6|2"}));
}

TEST(CsvSource, a_bad_row_is_told_and_the_next_one_is_read) {
  EXPECT_EQ(csv_rows("a,b\n1\n1,2,3\n1,x\"y\n\xff,1\n1,\"open\n1,2\n", {"a", "b"}),
            (Strings{"2!malformed_record!", "3!malformed_record!", "4!malformed_record!b", "5!invalid_utf8!",
                     "6!malformed_record!b", "7|1|2"}));
}

TEST(CsvSource, a_nul_character_is_no_text) {
  EXPECT_EQ(csv_rows(std::string_view("a\n1\0\n2\n", 7), {"a"}), (Strings{"2!invalid_utf8!", "3|2"}));
}

TEST(CsvSource, a_row_that_is_too_long_costs_itself_alone) {
  const std::string huge(kRowBytesMax + 1000, 'x');
  EXPECT_EQ(csv_rows("a\n1\n" + huge + "\n2\n" + huge, {"a"}),
            (Strings{"2|1", "3!record_too_large!", "4|2", "5!record_too_large!"}));
  EXPECT_EQ(csv_rows("a\n\"" + huge + "\n2\n", {"a"}), (Strings{"2!record_too_large!", "3|2"}));
  EXPECT_EQ(csv_rows("a\n\"x\n" + huge + "\n2\n", {"a"}),
            (Strings{"2!malformed_record!a", "3!record_too_large!", "4|2"}));
}

TEST(CsvSource, a_row_as_long_as_allowed_is_read) {
  const std::string longest(kRowBytesMax - 1, 'x');
  EXPECT_EQ(csv_rows("a\n" + longest + "\n2\n", {"a"}), (Strings{"2|" + longest, "3|2"}));
}

TEST(CsvSource, a_header_that_does_not_fit_is_refused_with_every_missing_column) {
  const std::string missing = csv_rows("case_id,unit\n", {"case_idd", "unit", "zzz"})[0];
  EXPECT_EQ(missing.substr(0, missing.find(':')), "unknown_name");
  EXPECT_NE(missing.find("'case_idd' (did you mean 'case_id'?), 'zzz'"), std::string::npos) << missing;
  EXPECT_EQ(csv_rows("a,a\n1,2\n", {"a"})[0].substr(0, 14), "duplicate_name");
  EXPECT_EQ(csv_rows("a,a,b\n1,2,3\n", {"b"}), (Strings{"2|3"}));
  EXPECT_EQ(csv_rows("", {"a"})[0].substr(0, 16), "malformed_record");
  EXPECT_EQ(csv_rows("\"a\n", {"a"})[0].substr(0, 16), "malformed_record");
  EXPECT_EQ(csv_rows(std::string_view("\xFF\xFE"
                                      "a\0",
                                      4),
                     {"a"})[0]
                .substr(0, 13),
            "not_supported");
}

TEST(CsvSource, a_file_that_is_not_there_is_unreadable) {
  EXPECT_EQ(open_csv("/nowhere/a.csv", ',', {}).error().code, ErrorCode::unreadable_file);
  EXPECT_EQ(open_csv("/", ',', {}).error().code, ErrorCode::unreadable_file);
}

TEST(RowSource, goes_on_from_the_place_after_any_row) {
  const TemporaryFolder folder;
  const auto csv = folder.write("a.csv",
                                "\xEF\xBB\xBF"
                                "a,b\n1,2\n\n\"x\ny\",3\nbad\n5,\"6\"");
  const auto json = folder.write("a.jsonl", "{\"a\":1}\n\nbad\n{\"a\":2}\n{\"a\":3}");
  const auto open = [&](bool is_csv, std::optional<RowPlace> from) {
    return is_csv ? *open_csv(csv, ',', {"a"}, from) : *open_json_lines(json, {"a"}, from);
  };
  for (const bool is_csv : {true, false}) {
    const Strings all = rows_of(*open(is_csv, {}));
    ASSERT_EQ(all.size(), 4U);
    auto source = open(is_csv, {});
    Row row;
    for (std::size_t read = 1; *source->next(row); ++read)
      EXPECT_EQ(rows_of(*open(is_csv, row.next)),
                Strings(all.begin() + static_cast<std::ptrdiff_t>(read), all.end()));
  }
}

TEST(JsonLines, members_are_columns_whatever_their_type) {
  EXPECT_EQ(
      json_rows("{\"t\":\"Vi\\u1ec7t \\\"x\\\"\",\"n\":12345678901234567890.50,\"b\":true,\"z\":null}\n",
                {"t", "n", "b", "z", "absent"}),
      (Strings{"1|Việt \"x\"|12345678901234567890.50|true||"}));
}

TEST(JsonLines, members_of_members_are_reached_with_dots) {
  EXPECT_EQ(json_rows("{\"a\":{\"b\":{\"c\":1},\"d\":2}}\n{\"a\":3}\n", {"a.b.c", "a.d"}),
            (Strings{"1|1|2", "2||"}));
}

TEST(JsonLines, a_list_comes_in_canonical_form) {
  EXPECT_EQ(json_rows("{\"l\": [ \"a\" , \"\\u0062\\/\", 1.50, {\"x\": [ 1 , 2 ]} ]}\n", {"l"}),
            (Strings{"1|[\"a\",\"b/\",1.50,{\"x\":[1,2]}]"}));
}

TEST(JsonLines, what_is_no_object_is_a_bad_row) {
  const std::vector<std::string_view> table = {"[1]",
                                               "1",
                                               "\"a\"",
                                               "{",
                                               "{\"a\":}",
                                               "{\"a\":1}}",
                                               "{\"a\":1} x",
                                               "{\"a\":01}",
                                               "{a:1}",
                                               "{\"a\":tru}",
                                               "{\"a\":nul}",
                                               "{\"a\":1,}",
                                               "{\"a\":\"\\x\"}",
                                               "{\"b\":[1,}",
                                               "{\"a\":\"\\u0000\"}",
                                               "{\"a\":-}",
                                               "{\"b\":{\"c\":00}}",
                                               "{\"a\":1}{\"a\":2}"};
  for (const std::string_view text : table) {
    const Strings rows = json_rows(text, {"a"});
    ASSERT_EQ(rows.size(), 1U) << text;
    EXPECT_NE(rows[0].find('!'), std::string::npos) << text << " gave " << rows[0];
  }
}

TEST(JsonLines, deep_nesting_is_a_bad_row) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 5000; ++i)
    deep += "[";
  EXPECT_NE(json_rows(deep, {"a"}).at(0).find("!malformed_record"), std::string::npos);
  for (int i = 0; i < 5000; ++i)
    deep += "]";
  EXPECT_NE(json_rows(deep + "}", {"a"}).at(0).find("!malformed_record"), std::string::npos);
}

TEST(JsonLines, bytes_that_are_no_text_or_too_many_cost_their_row) {
  const std::string huge = "{\"a\":\"" + std::string(kRowBytesMax, 'x') + "\"}";
  EXPECT_EQ(json_rows("{\"a\":\"\xff\"}\n" + huge + "\n{\"a\":1}\n", {"a"}),
            (Strings{"1!invalid_utf8!", "2!record_too_large!", "3|1"}));
}

RC_GTEST_PROP(RowSource, any_bytes_end_with_every_line_accounted_for, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("a,\"\n\r{}[]:1")), rc::gen::arbitrary<char>()));
  const TemporaryFolder folder;
  const auto path = folder.write("a", "a,b\n" + text);
  auto csv = *open_csv(path, ',', {"a"});
  auto json = *open_json_lines(path, {"a"});
  for (RowSource* source : {csv.get(), json.get()}) {
    Row row;
    std::uint64_t at = 0;
    while (*source->next(row)) {
      RC_ASSERT(row.place.offset >= at);
      RC_ASSERT(row.next.offset > row.place.offset);
      at = row.next.offset;
    }
    RC_ASSERT(at <= text.size() + 4);
  }
}

}  // namespace
}  // namespace slipstream
