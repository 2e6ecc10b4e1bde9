// The commands of `slipstream`: each file beside this one adds one to the command line.
//
// Parsing only selects: the chosen command's action runs after the whole line has been understood.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "engine/app/exit_code.h"
#include "engine/app/session.h"

namespace slipstream {

using Action = std::function<Result<ExitCode>()>;

struct CommandLine {
  CLI::App& app;
  Session& session;
  Action& selected;

  // `examples`: lines shown at the end of the command's --help.
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& description,
                const std::string& examples, Action action) const;
  CLI::App& add(const std::string& name, const std::string& description, const std::string& examples,
                Action action) const {
    return add(app, name, description, examples, std::move(action));
  }
  // A command that only groups others.
  CLI::App& add_group(const std::string& name, const std::string& description) const;
};

void add_version_command(const CommandLine& line);
void add_validate_command(const CommandLine& line);
void add_test_command(const CommandLine& line);
void add_config_command(const CommandLine& line);
void add_import_command(const CommandLine& line);
void add_run_command(const CommandLine& line);
void add_query_command(const CommandLine& line);
void add_explain_command(const CommandLine& line);
void add_check_command(const CommandLine& line);
void add_alerts_command(const CommandLine& line);
void add_log_command(const CommandLine& line);
void add_dead_letters_command(const CommandLine& line);
void add_backtest_command(const CommandLine& line);
void add_generate_command(const CommandLine& line);
void add_demo_command(const CommandLine& line);

}  // namespace slipstream
