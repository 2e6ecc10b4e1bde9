// The commands of `slipstream`: each file beside this one adds one to the command line.
//
// Parsing only selects: the chosen command's action runs after the whole line has been understood.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/app/exit_code.h"
#include "engine/app/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace slipstream {

using Action = std::function<Result<ExitCode>()>;

// Where the value of an option goes; of an optional one, only when it is given. Must outlive the parsing.
using OptionTarget = std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*,
                                  std::int64_t*, std::uint64_t*, std::optional<std::int32_t>*,
                                  std::optional<std::int64_t>*, std::optional<std::uint64_t>*>;

// One option, flag or argument of a command. Handles, as Command: copies mean the same.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}
  Option required() const;
  Option one_of(const std::vector<std::string>& values) const;
  Option positive() const;
  Option not_negative() const;
  Option shows_default() const;
  Option needs(const std::string& other) const;
  Option excludes(Option other) const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}
  // "--name" is an option, "NAME" an argument without a name.
  Option add_option(const std::string& name, OptionTarget target, const std::string& help) const;
  Option add_flag(const std::string& name, bool& target, const std::string& help) const;

 private:
  friend struct CommandLine;
  CLI::App* app_;
};

// The library that parses is named in command.cpp and main.cpp alone: it takes its time to compile.
struct CommandLine {
  CLI::App& app;
  Session& session;
  Action& selected;

  // `examples`: lines shown at the end of the command's --help.
  Command add(Command parent, const std::string& name, const std::string& description,
              const std::string& examples, Action action) const;
  Command add(const std::string& name, const std::string& description, const std::string& examples,
              Action action) const {
    return add(Command(app), name, description, examples, std::move(action));
  }
  // A command that only groups others.
  Command add_group(const std::string& name, const std::string& description) const;
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
void add_topics_command(const CommandLine& line);
void add_members_command(const CommandLine& line);
void add_backup_command(const CommandLine& line);
void add_dead_letters_command(const CommandLine& line);
void add_backtest_command(const CommandLine& line);
void add_generate_command(const CommandLine& line);
void add_demo_command(const CommandLine& line);

}  // namespace slipstream
