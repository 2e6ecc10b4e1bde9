#include "connectors/definition/yaml_document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

Document parse(std::string_view yaml) {
  Diagnostics diagnostics;
  auto document = parse_yaml(yaml, "a.yaml", diagnostics);
  EXPECT_TRUE(document) << all_messages(diagnostics);
  return document ? *std::move(document) : Document{};
}

std::string place(Mark mark) { return fmt::format("{}:{}", mark.line, mark.column); }

TEST(YamlDocument, KeepsKeysInTheOrderWrittenWithTheirPlaces) {
  const Document document = parse("b: 1\na: { c: [x, 'y'] }\nb: 2\n");
  ASSERT_EQ(document.kind, Document::Kind::map);
  ASSERT_EQ(document.entries.size(), 3u);
  EXPECT_EQ(document.entries[0].key, "b");
  EXPECT_EQ(place(document.entries[1].key_mark), "2:1");
  EXPECT_EQ(place(document.entries[2].key_mark), "3:1");
  const Document* list = document.find("a")->find("c");
  ASSERT_EQ(list->kind, Document::Kind::list);
  EXPECT_EQ(list->items[0].scalar, "x");
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_TRUE(list->items[1].quoted);
  EXPECT_EQ(place(list->items[1].mark), "2:13");
}

TEST(YamlDocument, TakesMissingValuesForAbsentAtTheirKeys) {
  const Document document = parse("a:\nb: ~\nc: null\nd: ''\ne: 'null'\n");
  for (const char* key : {"a", "b", "c"})
    EXPECT_EQ(document.find(key)->kind, Document::Kind::absent) << key;
  EXPECT_EQ(place(document.find("b")->mark), "2:1");
  EXPECT_EQ(document.find("d")->kind, Document::Kind::scalar);
  EXPECT_EQ(document.find("e")->scalar, "null");
}

TEST(YamlDocument, CountsColumnsInCharacters) {
  const Document document = parse("{ vi: Tiến độ, tên: x }\n");
  EXPECT_EQ(place(document.entries[1].key_mark), "1:16");
  EXPECT_EQ(place(document.find("tên")->mark), "1:21");
}

TEST(YamlDocument, IgnoresAByteOrderMark) {
  EXPECT_EQ(place(parse("\xEF\xBB\xBF"
                        "a: 1\n")
                      .entries[0]
                      .key_mark),
            "1:1");
}

// Where the characters of a scalar stand in the file, whatever the style it is written in. "»" in the text
// marks the character that is looked up, a capital X.
void expect_place_of_x(std::string_view marked_yaml) {
  const MarkedText marked = read_marks(marked_yaml);
  const Document document = parse(marked.text);
  const Document* scalar = document.find("a");
  ASSERT_NE(scalar, nullptr);
  const std::size_t at = scalar->scalar.find('X');
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(place(scalar->mark_at(at)), place(marked.marks.at(0))) << marked.text;
}

TEST(YamlDocument, PlacesEveryCharacterOfAPlainOrQuotedText) {
  expect_place_of_x("a: b + »X\n");
  expect_place_of_x("a: 'b + »X'\n");
  expect_place_of_x("a: \"b + »X\"\n");
  expect_place_of_x("a: tiến độ »X\n");
  expect_place_of_x("{ b: c, a: 'tiến »X' }\n");
  expect_place_of_x("a:   b   +   »X\n");
}

TEST(YamlDocument, PlacesEveryCharacterBehindEscapes) {
  expect_place_of_x("a: 'it''s »X'\n");
  expect_place_of_x("a: '''''»X'\n");
  expect_place_of_x("a: \"\\\"q\\\" »X\"\n");
  expect_place_of_x("a: \"\\u1EBF\\x41\\n»X\"\n");
  expect_place_of_x("a: \"\\U0001F600»X\"\n");
  expect_place_of_x("a: \"b \\\n    c »X\"\n");
}

TEST(YamlDocument, PlacesEveryCharacterOfATextOverSeveralLines) {
  expect_place_of_x("a: b\n  + c\n  + »X\n");
  expect_place_of_x("a: 'b\n\n     c »X'\n");
  expect_place_of_x("a: |\n  one\n    two »X\n  three\n");
  expect_place_of_x("a: >-\n  one\n  two\n\n  three »X\n");
  expect_place_of_x("a: >2\n    one »X\n");
  expect_place_of_x("a: |  # why\n  one »X\n");
  expect_place_of_x("a: b\r\n  c »X\r\n");
}

TEST(YamlDocument, RefusesMoreThanAMebibyte) {
  Diagnostics diagnostics;
  EXPECT_FALSE(parse_yaml("a: " + std::string(kYamlBytesMax, 'x'), "a.yaml", diagnostics));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].code, ErrorCode::not_supported);
}

TEST(YamlDocument, RefusesNestingBeyondItsBoundAndAllowsItUpToThere) {
  Diagnostics diagnostics;
  EXPECT_TRUE(
      parse_yaml(std::string(kYamlDepthMax, '[') + std::string(kYamlDepthMax, ']'), "a.yaml", diagnostics));
  EXPECT_FALSE(parse_yaml(std::string(kYamlDepthMax + 1, '[') + std::string(kYamlDepthMax + 1, ']'), "a.yaml",
                          diagnostics));
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(place(diagnostics[0].mark), "1:65");
  diagnostics.clear();
  EXPECT_FALSE(parse_yaml(std::string(500'000, '['), "a.yaml", diagnostics));
  EXPECT_FALSE(diagnostics.empty());
}

// Places are found in time that does not grow with the length of a line.
TEST(YamlDocument, ReadsALineAsLongAsTheBoundSoon) {
  std::string yaml = "a: [";
  while (yaml.size() + 8 < kYamlBytesMax)
    yaml += "'ế',";
  const auto before = std::chrono::steady_clock::now();
  const Document document = parse(yaml + "]");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
  const auto& items = document.find("a")->items;
  ASSERT_GT(items.size(), 100'000u);
  EXPECT_EQ(place(items[100'000].mark), "1:400005");
}

TEST(YamlDocument, ReportsEveryConstructOutsideItsSubset) {
  Diagnostics diagnostics;
  EXPECT_FALSE(parse_yaml("a: &x 1\nb: *x\nc: !!int 2\n? {d: e}\n: 3\n", "a.yaml", diagnostics));
  EXPECT_EQ(places_of(diagnostics), (std::vector<std::string>{"not_supported 1:4", "not_supported 2:4",
                                                              "not_supported 3:4", "syntax 4:3"}));
}

TEST(YamlDocument, OfAnEmptyFileIsAbsent) {
  EXPECT_EQ(parse("").kind, Document::Kind::absent);
  EXPECT_EQ(parse("# nothing here\n").kind, Document::Kind::absent);
  EXPECT_EQ(place(parse("").mark), "1:1");
}

TEST(YamlFile, ThatCannotBeReadIsReportedByName) {
  for (const std::filesystem::path& path :
       {std::filesystem::path("/no/such/city.yaml"), std::filesystem::temp_directory_path()}) {
    Diagnostics diagnostics;
    EXPECT_FALSE(read_yaml_file(path, diagnostics));
    ASSERT_EQ(diagnostics.size(), 1u);
    EXPECT_EQ(diagnostics[0].code, ErrorCode::unreadable_file);
    EXPECT_EQ(diagnostics[0].file, path.string());
  }
}

TEST(YamlFile, IsReadWholeAndNoMoreThanAllowed) {
  const auto path = std::filesystem::path(testing::TempDir()) / "large_definitions.yaml";
  Diagnostics diagnostics;
  std::ofstream(path) << "a: " << std::string(kYamlBytesMax - 3, 'x');
  const auto document = read_yaml_file(path, diagnostics);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->find("a")->scalar.size(), kYamlBytesMax - 3);
  std::ofstream(path) << "a: " << std::string(kYamlBytesMax, 'x');
  EXPECT_FALSE(read_yaml_file(path, diagnostics));
  std::filesystem::remove(path);
}

// Whatever the bytes, the answer is a document or a diagnostic, never both, neither, or an exception.
RC_GTEST_PROP(YamlDocument, OfAnyBytesIsADocumentOrADiagnostic, ()) {
  const auto byte =
      rc::gen::weightedOneOf<char>({{6, rc::gen::element('a', ':', ' ', '\n', '-', '{', '}', '[', ']', ',',
                                                         '\'', '"', '|', '>', '#', '&', '*', '!', '?', '\\')},
                                    {1, rc::gen::arbitrary<char>()}});
  const auto text = *rc::gen::container<std::string>(byte);
  Diagnostics diagnostics;
  const auto document = parse_yaml(text, "a.yaml", diagnostics);
  RC_ASSERT(document.has_value() == diagnostics.empty());
}

// The characters of any text, quoted, are found where they were written.
RC_GTEST_PROP(YamlDocument, PlacesEveryCharacterOfAnyQuotedText, ()) {
  const auto content =
      *rc::gen::container<std::string>(rc::gen::element('a', '\'', '"', '\\', 'b', '{', ':'));
  std::string yaml = "a: '";
  std::vector<int> columns;
  for (const char c : content) {
    columns.push_back(static_cast<int>(yaml.size()) + 1);
    yaml += c;
    if (c == '\'') yaml += c;
  }
  const Document document = parse(yaml + "'\n");
  RC_ASSERT(document.find("a")->scalar == content);
  for (std::size_t i = 0; i < content.size(); ++i)
    RC_ASSERT(document.find("a")->mark_at(i).column == columns[i]);
}

}  // namespace
}  // namespace slipstream
