// docs/expressions.md cannot lie: its tables are read, every example is run, every function has one.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "engine/expression/functions.h"
#include "tests/expression/sample_row.h"

namespace slipstream::testing {
namespace {

using Cells = std::vector<std::string>;

struct Table {
  Cells header;
  std::vector<Cells> rows;
};

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// "| a | b |" to its cells; "\|" stands for a bar.
Cells cells_of(const std::string& line) {
  Cells cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] == '|') {
      cells.push_back(trimmed(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

std::vector<Table> tables() {
  std::ifstream in(SLIPSTREAM_EXPRESSIONS_PAGE);
  EXPECT_TRUE(in.good());
  std::vector<Table> all;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    const bool row = line.starts_with('|');
    if (row && !inside) all.push_back({cells_of(line), {}});
    if (row && inside && !line.starts_with("|--")) all.back().rows.push_back(cells_of(line));
    inside = row;
  }
  return all;
}

std::optional<std::size_t> column_of(const Table& table, std::string_view title) {
  for (std::size_t i = 0; i < table.header.size(); ++i)
    if (table.header[i] == title) return i;
  return std::nullopt;
}

std::string code_of(const std::string& cell) {
  EXPECT_TRUE(cell.size() > 2 && cell.front() == '`' && cell.back() == '`') << cell;
  return cell.size() > 2 ? cell.substr(1, cell.size() - 2) : cell;
}

struct Outcome {
  std::string gives;
  std::string until;
};

Outcome outcome_of(const std::string& text) {
  const SampleRow sample;
  std::vector<ExpressionError> errors;
  const auto expression = compile_expression(text, sample.scope, Type::null, errors);
  if (!expression) return {"error: " + errors.at(0).message, ""};
  Arena arena;
  EvaluationContext context{.now = sample.now, .zone = &sample.zone, .arena = &arena};
  const Value value = evaluate(*expression, std::span<const Value>(sample.row), context);
  const bool forever = context.valid_until == Timestamp::max();
  return {value.is_null() ? "NULL" : format_value(value, sample.zone),
          forever ? "for good" : "`" + format_timestamp(context.valid_until, sample.zone) + "`"};
}

TEST(Documentation, EveryExampleGivesWhatThePageSays) {
  std::size_t checked = 0;
  for (const Table& table : tables()) {
    const auto gives = column_of(table, "Gives");
    if (!gives) continue;
    const auto example = column_of(table, "Example");
    const auto until = column_of(table, "Until");
    for (const Cells& row : table.rows) {
      ASSERT_EQ(row.size(), table.header.size()) << row.at(0);
      const std::string text = code_of(row[example.value_or(0)]);
      const Outcome outcome = outcome_of(text);
      EXPECT_EQ(outcome.gives, code_of(row[*gives])) << text;
      if (until) {
        EXPECT_EQ(outcome.until, row[*until]) << text;
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 70u);
}

TEST(Documentation, EveryMeasureHasTheTypeThePageSays) {
  std::set<std::string> aggregates;
  for (const Table& table : tables()) {
    if (table.header.at(0) != "Call") continue;
    for (const Cells& row : table.rows) {
      const SampleRow sample;
      std::vector<ExpressionError> errors;
      const auto measure = compile_measure(code_of(row.at(1)), sample.scope, errors);
      ASSERT_TRUE(measure.has_value()) << row.at(1);
      EXPECT_EQ(name_of(measure->type), row.at(2)) << row.at(1);
      aggregates.insert(std::string(name_of(measure->aggregate)));
    }
  }
  for (int i = 0; i <= static_cast<int>(Aggregate::ratio); ++i)
    EXPECT_TRUE(aggregates.contains(std::string(name_of(static_cast<Aggregate>(i))))) << i;
}

TEST(Documentation, EveryFunctionIsOnThePage) {
  std::string examples;
  for (const Table& table : tables())
    if (column_of(table, "Gives"))
      for (const Cells& row : table.rows)
        examples += " " + row.at(0) + " " + row.at(1) + " ";
  for (char& c : examples)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view name : function_names()) {
    const bool shown = examples.find("`" + std::string(name) + "(") != std::string::npos ||
                       examples.find("`" + std::string(name) + "`") != std::string::npos;
    EXPECT_TRUE(shown) << name;
  }
}

}  // namespace
}  // namespace slipstream::testing
