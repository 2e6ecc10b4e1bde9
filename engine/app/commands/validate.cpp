// `slipstream validate`: every error of a definition file at once, or a summary of what was understood.
#include <fmt/format.h>

#include "connectors/definition/load_file.h"
#include "engine/app/commands/command.h"
#include "engine/definition/describe.h"

namespace slipstream {
namespace {

void print_problems(Session& session, const Diagnostics& diagnostics) {
  if (session.options.output == OutputFormat::table) {
    for (const Diagnostic& diagnostic : diagnostics)
      fmt::print("{}\n", format_diagnostic(diagnostic));
    return;
  }
  Answer answer = session.answer();
  answer.section("problems",
                 {text_column("file"), number_column("line"), number_column("column"), text_column("key"),
                  text_column("code"), text_column("message"), text_column("hint")});
  for (const Diagnostic& d : diagnostics)
    answer.row({text_cell(d.file), integer_cell(static_cast<std::int64_t>(d.mark.line)),
                integer_cell(static_cast<std::int64_t>(d.mark.column)), text_cell(d.path),
                text_cell(name_of(d.code)), text_cell(d.message), optional_text_cell(d.hint)});
}

Result<ExitCode> validate(Session& session, std::vector<std::string> files) {
  if (files.empty()) {
    SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
    if (settings->definitions.empty())
      return fail(ErrorCode::usage, "no file given: slipstream validate FILE...");
    files.push_back(settings->definitions.string());
  }
  Diagnostics diagnostics;
  for (const std::string& file : files) {
    const auto plan = load_definition_file(file, diagnostics);
    if (plan && session.options.output == OutputFormat::table && !session.options.quiet)
      fmt::print("{}: no errors\n{}", file, describe(*plan));
  }
  if (!diagnostics.empty() || session.options.output != OutputFormat::table)
    print_problems(session, diagnostics);
  return diagnostics.empty() ? ExitCode::ok : exit_code_of({diagnostics.front().code, ""});
}

}  // namespace

void add_validate_command(const CommandLine& line) {
  const auto files = std::make_shared<std::vector<std::string>>();
  line.add("validate", "Check definition files: every error at once, with its place and a hint",
           "  slipstream validate city.yaml\n  slipstream validate --output json definitions/*.yaml",
           [&session = line.session, files] { return validate(session, *files); })
      .add_option("FILE", files.get(), "definition files; by default the configured one");
}

}  // namespace slipstream
