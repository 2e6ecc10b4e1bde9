// The `slipstream` executable: reads the command line, runs one command, ends with its exit code
// (docs/errors.md).
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <new>

#include "engine/app/commands/command.h"
#include "engine/app/instance_clock.h"
#include "engine/definition/suggestion.h"

// Read by jemalloc when the process starts. What was freed goes back to the system after a second, not ten:
// it counts in what the process uses, and `memory` is a promise about that.
extern "C" const char* const malloc_conf = "dirty_decay_ms:1000,muzzy_decay_ms:0";

namespace slipstream {
namespace {

void add_global_options(CLI::App& app, GlobalOptions& options, std::string& output, std::string& messages) {
  app.add_option("--config", options.config, "YAML file of the configuration (docs/configuration.md)");
  app.add_option("--set", options.set, "one value of the configuration; may be repeated")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->expected(1)
      ->delimiter('\0');
  app.add_option("--data", options.data, "directory of the log and the state");
  app.add_option("--definitions", options.definitions, "YAML file of views, KPIs, targets and alerts");
  app.add_option("--output", output, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->default_str("table");
  app.add_flag("--quiet", options.quiet, "no progress and no remarks");
  app.add_option("--messages", messages, "text or json: what is said on the standard error")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

void add_commands(const CommandLine& line) {
  add_run_command(line);
  add_import_command(line);
  add_validate_command(line);
  add_test_command(line);
  add_query_command(line);
  add_explain_command(line);
  add_check_command(line);
  add_alerts_command(line);
  add_log_command(line);
  add_topics_command(line);
  add_members_command(line);
  add_backup_command(line);
  add_dead_letters_command(line);
  add_backtest_command(line);
  add_generate_command(line);
  add_demo_command(line);
  add_config_command(line);
  add_version_command(line);
}

OutputFormat format_named(const std::string& name) {
  if (name == "json") return OutputFormat::json;
  return name == "csv" ? OutputFormat::csv : OutputFormat::table;
}

int report(const Error& error, MessageFormat format) {
  fmt::print(stderr, "{}\n", error_line(format, error, system_now()));
  return static_cast<int>(exit_code_of(error));
}

int run_action(const Action& action, MessageFormat format) {
  try {
    const Result<ExitCode> code = action();
    if (!code) return report(code.error(), format);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      return report({ErrorCode::io, "the answer could not be written to the standard output"}, format);
    return static_cast<int>(*code);
  } catch (const std::bad_alloc&) {
    return report({ErrorCode::internal, "out of memory; give the machine more, or lower --set memory"},
                  format);
  } catch (const std::exception& unexpected) {
    return report(
        {ErrorCode::internal,
         fmt::format("unexpected: {}; please report it with `slipstream version`", unexpected.what())},
        format);
  }
}

std::string what_is_wrong(CLI::App& app, const CLI::ParseError& problem) {
  const std::vector<std::string> unread = app.remaining();
  if (!app.get_subcommands().empty() || unread.empty()) return problem.what();
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  const std::string near = suggest(unread.front(), known);
  return fmt::format("no such command '{}'; {}", unread.front(),
                     near.empty() ? "there are " + listed(known) : near);
}

int main_of(int argc, char** argv) {
  CLI::App app("Exact figures and alerts from events: views, targets, and what slips.", "slipstream");
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  slipstream demo\n"
      "  slipstream import --mapping permits.yaml cases.csv\n"
      "  slipstream run --definitions city.yaml --until-idle\n"
      "  slipstream query on_time_rate --definitions city.yaml\n\n"
      "`slipstream COMMAND --help` shows a command's options and examples. Say once for all of them where\n"
      "things are: export SLIPSTREAM_DEFINITIONS=city.yaml SLIPSTREAM_DATA=/var/lib/slipstream");
  Session session;
  Action action;
  std::string output = "table", messages = "text";
  add_global_options(app, session.options, output, messages);
  add_commands({app, session, action});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(problem);
    fmt::print(stderr, "slipstream: usage: {}\n", what_is_wrong(app, problem));
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty())
      at = at->get_subcommands().front();
    std::string name = "slipstream";
    if (at != &app)
      name += " " + (at->get_parent() == &app ? at->get_name()
                                              : at->get_parent()->get_name() + " " + at->get_name());
    fmt::print(stderr, "see `{} --help`\n", name);
    return static_cast<int>(ExitCode::usage);
  }
  session.options.output = format_named(output);
  session.options.messages = messages == "json" ? MessageFormat::json : MessageFormat::text;
  return run_action(action, session.options.messages);
}

}  // namespace
}  // namespace slipstream

int main(int argc, char** argv) { return slipstream::main_of(argc, argv); }
