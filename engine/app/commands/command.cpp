#include "engine/app/commands/command.h"

namespace slipstream {

CLI::App& CommandLine::add(CLI::App& parent, const std::string& name, const std::string& description,
                           const std::string& examples, Action action) const {
  CLI::App* command = parent.add_subcommand(name, description);
  command->fallthrough();
  command->footer("Examples:\n" + examples);
  command->callback([&chosen = selected, action = std::move(action)] { chosen = action; });
  return *command;
}

CLI::App& CommandLine::add_group(const std::string& name, const std::string& description) const {
  CLI::App* group = app.add_subcommand(name, description);
  group->fallthrough();
  group->require_subcommand(1);
  return *group;
}

}  // namespace slipstream
