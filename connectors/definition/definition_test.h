// Runs unit tests of definitions: events and a virtual clock in; views, KPIs and alerts, or no alert, out.
// Each test starts from nothing, in memory, on the same shard as production. What `slipstream test` shows.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/definition/diagnostic.h"

namespace slipstream {

struct TestFailure {
  Mark mark;  // of the step, or of the row expected
  std::string message;
};

struct TestOutcome {
  std::string name;
  Mark mark;
  std::vector<TestFailure> failures;
  bool passed() const { return failures.empty(); }
};

struct TestReport {
  std::string file;
  std::vector<TestOutcome> tests;  // in the order of the file
  bool passed() const;
};

// Runs every test of the file. nullopt, with at least one diagnostic appended, when the file or the
// definitions it names cannot be used; nothing has run then.
std::optional<TestReport> run_definition_tests(const std::filesystem::path& file, Diagnostics& diagnostics);

// "city.test.yaml:12:7: overdue is 0, expected 1"
std::string format_failure(const std::string& file, const TestFailure& failure);

}  // namespace slipstream
