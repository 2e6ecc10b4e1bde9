// docs/definitions.md is true: its examples load, its wrong examples are refused as it says, and every key is
// in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "connectors/definition/yaml_document.h"
#include "engine/definition/keys.h"
#include "engine/definition/load.h"
#include "tests/definition/marked_text.h"

namespace slipstream {
namespace {

struct Example {
  int line = 0;
  std::string yaml;
  std::string error;  // empty: it must load
};

std::string read_page() {
  std::ifstream file(std::string(SLIPSTREAM_SOURCE_DIR) + "/docs/definitions.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Example> read_examples() {
  constexpr std::string_view kError = "# error: ";
  std::vector<Example> examples;
  std::istringstream page(read_page());
  std::string line;
  bool inside = false;
  for (int number = 1; std::getline(page, line); ++number) {
    if (line == "```yaml") {
      inside = true;
      examples.push_back({number, "", ""});
    } else if (line == "```") {
      inside = false;
    } else if (inside && line.starts_with(kError)) {
      examples.back().error = line.substr(kError.size());
    } else if (inside) {
      examples.back().yaml += line + "\n";
    }
  }
  return examples;
}

// An example of one part stands on the first example's other parts: the calendar, and what comes before its
// own.
Document complete(Document example, const Document& base) {
  if (example.find("time_zone") == nullptr)
    example.entries.push_back({"time_zone", {}, *base.find("time_zone")});
  for (const char* part : {"views", "kpis", "targets"}) {
    if (example.find(part) != nullptr) break;
    example.entries.push_back({part, {}, *base.find(part)});
  }
  return example;
}

TEST(DefinitionsPage, ShowsExamplesThatLoadOrFailAsItSays) {
  const std::vector<Example> examples = read_examples();
  ASSERT_GT(examples.size(), 15u);
  Diagnostics diagnostics;
  const auto base = parse_yaml(examples[0].yaml, "definitions.md", diagnostics);
  ASSERT_TRUE(base) << all_messages(diagnostics);
  for (const Example& example : examples) {
    SCOPED_TRACE("definitions.md:" + std::to_string(example.line) + "\n" + example.yaml);
    diagnostics.clear();
    const auto document = parse_yaml(example.yaml, "example", diagnostics);
    ASSERT_TRUE(document) << all_messages(diagnostics);
    const bool is_whole = &example == &examples[0] || document->find("view") != nullptr;
    const auto plan =
        load_definitions(is_whole ? *document : complete(*document, *base), "example", diagnostics);
    EXPECT_EQ(plan == nullptr, !example.error.empty()) << all_messages(diagnostics);
    if (example.error.empty()) continue;
    const bool as_said =
        std::any_of(diagnostics.begin(), diagnostics.end(),
                    [&](const Diagnostic& diagnostic) { return name_of(diagnostic.code) == example.error; });
    EXPECT_TRUE(as_said) << all_messages(diagnostics);
  }
}

TEST(DefinitionsPage, ExplainsEveryKey) {
  const std::string page = read_page();
  const auto expect_keys = [&](std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
      const bool in_a_table = page.find("`" + std::string(key) + "`") != std::string::npos;
      const bool in_an_example = page.find(" " + std::string(key) + ": ") != std::string::npos;
      EXPECT_TRUE(in_a_table || in_an_example) << key;
    }
  };
  for (const std::span<const std::string_view> all : std::initializer_list<std::span<const std::string_view>>{
           keys::kTop, keys::kOrganisation, keys::kIndicators, keys::kColumns, keys::kView, keys::kWindow,
           keys::kTumbling, keys::kHopping, keys::kSliding, keys::kSession, keys::kDeduplicate,
           keys::kMeasure, keys::kKpi, keys::kTarget, keys::kTargetRange, keys::kTrajectory,
           keys::kTrajectoryPoint, keys::kAlert, keys::kTitle})
    expect_keys(all);
}

TEST(DefinitionsPage, NamesEveryColumn) {
  const std::string page = read_page();
  for (const Relation relation : {Relation::tasks, Relation::measurements, Relation::observations})
    for (const Column& column : relation_columns(relation))
      EXPECT_NE(page.find("`" + column.name + "`"), std::string::npos) << column.name;
}

}  // namespace
}  // namespace slipstream
