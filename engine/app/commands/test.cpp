// `slipstream test`: unit tests of definitions under a virtual clock.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/definition/definition_test.h"
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

std::string messages_of(const TestOutcome& outcome) {
  std::string text;
  for (const TestFailure& failure : outcome.failures)
    text += fmt::format("{}line {}: {}", text.empty() ? "" : "; ", failure.mark.line, failure.message);
  return text;
}

void print_report(const TestReport& report, bool quiet) {
  const auto failed = std::count_if(report.tests.begin(), report.tests.end(),
                                    [](const TestOutcome& test) { return !test.passed(); });
  for (const TestOutcome& test : report.tests) {
    if (!quiet || !test.passed()) fmt::print("{}  {}\n", test.passed() ? "pass" : "FAIL", test.name);
    for (const TestFailure& failure : test.failures)
      fmt::print("      {}\n", format_failure(report.file, failure));
  }
  fmt::print("{}: {} {}, {} failed\n", report.file, report.tests.size(),
             report.tests.size() == 1 ? "test" : "tests", failed);
}

void add_rows(Answer& answer, const TestReport& report) {
  for (const TestOutcome& test : report.tests)
    answer.row({text_cell(report.file), integer_cell(static_cast<std::int64_t>(test.mark.line)),
                text_cell(test.name), boolean_cell(test.passed()), optional_text_cell(messages_of(test))});
}

Result<ExitCode> run_tests(Session& session, const std::vector<std::string>& files) {
  Diagnostics diagnostics;
  std::vector<TestReport> reports;
  for (const std::string& file : files)
    if (auto report = run_definition_tests(file, diagnostics)) reports.push_back(std::move(*report));
  session.print(diagnostics);
  if (session.options.output == OutputFormat::table) {
    for (const TestReport& report : reports)
      print_report(report, session.options.quiet);
  } else {
    Answer answer = session.answer();
    answer.section("tests", {text_column("file"), number_column("line"), text_column("test"),
                             text_column("passed"), text_column("failures")});
    for (const TestReport& report : reports)
      add_rows(answer, report);
  }
  if (!diagnostics.empty()) return tl::unexpected(summary_of(diagnostics, "some tests cannot be run"));
  const bool passed =
      std::all_of(reports.begin(), reports.end(), [](const TestReport& report) { return report.passed(); });
  return passed ? ExitCode::ok : ExitCode::problems_found;
}

}  // namespace

void add_test_command(const CommandLine& line) {
  const auto files = std::make_shared<std::vector<std::string>>();
  line.add("test",
           "Run unit tests of definitions: events and a virtual clock in; views and alerts, or no alert, out",
           "  slipstream test city.test.yaml\n  slipstream test --output json tests/*.test.yaml\n\n"
           "Ends with 1 when a test fails. docs/definitions.md describes the files.",
           [&session = line.session, files] { return run_tests(session, *files); })
      .add_option("FILE", files.get(), "files of tests")
      .required();
}

}  // namespace slipstream
