#include "tests/definition/wrong_definitions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/definition/load_file.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

std::vector<WrongDefinition> all_cases() {
  std::vector<WrongDefinition> cases;
  for (const auto part : {wrong_structure(), wrong_views(), wrong_judgements()})
    cases.insert(cases.end(), part.begin(), part.end());
  return cases;
}

class WrongDefinitions : public testing::TestWithParam<WrongDefinition> {};

TEST_P(WrongDefinitions, AreRefusedWithTheCodeAtTheLineAndColumn) {
  const MarkedText marked = read_marks(with_parts(GetParam().text));
  std::vector<std::string> expected;
  ASSERT_EQ(marked.marks.size(), GetParam().codes.size());
  for (std::size_t i = 0; i < marked.marks.size(); ++i)
    expected.push_back(
        fmt::format("{} {}:{}", GetParam().codes[i], marked.marks[i].line, marked.marks[i].column));
  Diagnostics diagnostics;
  EXPECT_EQ(load_definition_text(marked.text, "city.yaml", diagnostics), nullptr);
  EXPECT_EQ(places_of(diagnostics), expected) << marked.text << all_messages(diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_EQ(diagnostic.file, "city.yaml");
    EXPECT_FALSE(diagnostic.message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Table, WrongDefinitions, testing::ValuesIn(all_cases()),
                         [](const auto& wrong) { return std::string(wrong.param.name); });

TEST(WrongDefinitions, AreReportedOnOneLineEachWhateverTheKeys) {
  Diagnostics diagnostics;
  EXPECT_EQ(load_definition_text("\"a\\nb\": 1\n\"\\0\": { c: 1 }\ntime_zone: \"Mars\\n\"\n", "city.yaml",
                                 diagnostics),
            nullptr);
  EXPECT_GE(diagnostics.size(), 3u);
  for (const Diagnostic& diagnostic : diagnostics)
    EXPECT_EQ(format_diagnostic(diagnostic).find_first_of(std::string_view("\n\0", 2)), std::string::npos)
        << format_diagnostic(diagnostic);
}

// One mistake must not hide another, nor be reported again by everything that uses what is wrong.
TEST(WrongDefinitionsTogether, AreReportedAllAtOnce) {
  const MarkedText marked = read_marks(R"yaml(name: »[a]
time_zone: »Mars
fiscal_year_start: »13-01
organisation: { »roots: city }
columns: { tasks: { »unit: text, channel: »string } }
views:
  delivery:
    from: tasks
    where: channel <> 'test' and »chanel <> 'x'
    node: [»units]
    window: { on: due_at, every: [month, »fortnight] }
    measures:
      on_time: count(*) filter (where »complete_at <= »due)
      late: count(*)
kpis:
  rate: { value: "100.0 * on_time / nullif(»lte, 0)", better: »most }
  »late: { value: late }
targets:
  - { kpi: »rat, target: 80 }
  - { kpi: rate, every: day, target: »much, »ambre: 5 }
alerts:
  slipping: { kpi: rate, when: "»stat = 'red'", for: »3 months }
»alert: {}
)yaml");
  const std::vector<std::string> codes = {
      "type_mismatch", "unknown_name", "invalid_value", "unknown_key",    "duplicate_name",
      "invalid_value", "unknown_name", "unknown_name",  "invalid_value",  "unknown_name",
      "unknown_name",  "unknown_name", "invalid_value", "duplicate_name", "unknown_name",
      "invalid_value", "unknown_key",  "unknown_name",  "invalid_value",  "unknown_key"};
  std::vector<std::string> expected;
  ASSERT_EQ(codes.size(), marked.marks.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    expected.push_back(fmt::format("{} {}:{}", codes[i], marked.marks[i].line, marked.marks[i].column));
  Diagnostics diagnostics;
  EXPECT_EQ(load_definition_text(marked.text, "city.yaml", diagnostics), nullptr);
  EXPECT_EQ(places_of(diagnostics), expected) << all_messages(diagnostics);
}

TEST(WrongDefinitionsTogether, WithAViewThatCannotBeReadBlameNothingElse) {
  const MarkedText marked = read_marks(R"(time_zone: UTC
views:
  delivery: { from: »nowhere, window: { on: due_at, every: month }, measures: { late: count(*) } }
kpis:
  rate: { value: 1.0 * late }
targets:
  - { kpi: rate, every: month, target: 80 }
alerts:
  slipping: { when: status = 'red' and late > 5 }
)");
  Diagnostics diagnostics;
  EXPECT_EQ(load_definition_text(marked.text, "city.yaml", diagnostics), nullptr);
  ASSERT_EQ(diagnostics.size(), 1u) << all_messages(diagnostics);
  EXPECT_EQ(diagnostics[0].mark.line, marked.marks[0].line);
  EXPECT_EQ(diagnostics[0].mark.column, marked.marks[0].column);
}

TEST(WrongDefinitionsTogether, NameTheKeyAndTheLikelyIntention) {
  Diagnostics diagnostics;
  load_definition_text(
      with_parts("@calendar\n@views\n@kpis\ntargets: [{ kpi: rate, target: 80 }, { kpi: load, ambr: 5 }]\n"),
      "city.yaml", diagnostics);
  ASSERT_EQ(diagnostics.size(), 2u) << all_messages(diagnostics);
  EXPECT_EQ(diagnostics[0].path, "targets[2].ambr");
  EXPECT_EQ(diagnostics[0].hint, "did you mean 'amber'?");
  EXPECT_EQ(format_diagnostic(diagnostics[0]),
            "city.yaml:15:51: targets[2].ambr: unknown_key: no such key 'ambr' (did you mean 'amber'?)");
  EXPECT_EQ(diagnostics[1].path, "targets[2]");
}

TEST(WrongDefinitionsTogether, ShowHowToQuoteATextThatACommaSplit) {
  Diagnostics diagnostics;
  load_definition_text(
      "time_zone: UTC\nviews: { a: { from: measurements, window: { every: day }, "
      "measures: { b: { value: ratio(numerator, denominator) } } } }\n",
      "city.yaml", diagnostics);
  bool shown = false;
  for (const Diagnostic& diagnostic : diagnostics)
    shown |= diagnostic.hint == "quote a text that contains a comma";
  EXPECT_TRUE(shown) << all_messages(diagnostics);
}

}  // namespace
}  // namespace slipstream
