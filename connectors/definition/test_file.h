// A file of unit tests for definitions, read and checked as a whole before anything runs: every mistake in it
// is reported at once, with its place. docs/definitions.md describes the YAML.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/definition/short_event.h"
#include "engine/definition/diagnostic.h"
#include "engine/definition/plan.h"

namespace slipstream {

// A value that a row of an answer must have; none: NULL.
struct ExpectedCell {
  std::string name;
  Mark mark;
  std::optional<std::string> text;
};
using ExpectedCells = std::vector<ExpectedCell>;
struct ExpectedRow {
  Mark mark;
  ExpectedCells cells;
};

struct TestStep {
  enum class Kind : std::uint8_t { clock, event, view, kpi, alerts, dead_letters } kind = Kind::clock;
  Mark mark;
  Timestamp clock;                    // clock
  std::optional<ShortEvent> event;    // event in short form
  std::string cloud_event;            // event: JSON as it is
  std::size_t subject = 0;            // view, kpi: index in the plan
  std::optional<std::string> node;    // view, kpi: of this node; "General/**": and below
  std::optional<std::size_t> window;  // view, kpi: windows of this spec
  bool exactly = false;               // view, kpi: there are no other rows
  ExpectedCells only;                 // alerts: look at transitions with these values alone
  std::vector<ExpectedRow> rows;      // all but clock and event; empty: none may be there
};

struct DefinitionTest {
  std::string name;
  Mark mark;
  std::vector<TestStep> steps;
};

struct TestFile {
  std::string file;  // the name diagnostics show
  std::shared_ptr<const Plan> plan;
  std::vector<DefinitionTest> tests;
};

// On failure returns nullopt and appends at least one diagnostic.
std::optional<TestFile> load_test_file(const std::filesystem::path& path, Diagnostics& diagnostics);

}  // namespace slipstream
