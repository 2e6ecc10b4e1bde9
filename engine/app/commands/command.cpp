#include "engine/app/commands/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace slipstream {
namespace {

// Whether it is a number at all is for the option's type to say.
CLI::Validator at_least(std::int64_t least) {
  const auto problem = [least](const std::string& value) {
    double number = 0;
    return CLI::detail::lexical_cast(value, number) && number < static_cast<double>(least)
               ? fmt::format("{} is less than {}", value, least)
               : std::string();
  };
  return CLI::Validator(problem, "");
}

}  // namespace

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::one_of(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values));
  return *this;
}

Option Option::positive() const {
  option_->check(at_least(1));
  return *this;
}

Option Option::not_negative() const {
  option_->check(at_least(0));
  return *this;
}

Option Option::shows_default() const {
  option_->capture_default_str();
  return *this;
}

Option Option::needs(const std::string& other) const {
  option_->needs(other);
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Command::add_option(const std::string& name, OptionTarget target, const std::string& help) const {
  return Option(*std::visit([&](auto* value) { return app_->add_option(name, *value, help); }, target));
}

Option Command::add_flag(const std::string& name, bool& target, const std::string& help) const {
  return Option(*app_->add_flag(name, target, help));
}

Command CommandLine::add(Command parent, const std::string& name, const std::string& description,
                         const std::string& examples, Action action) const {
  CLI::App* command = parent.app_->add_subcommand(name, description);
  command->fallthrough();
  command->footer("Examples:\n" + examples);
  command->callback([&chosen = selected, action = std::move(action)] { chosen = action; });
  return Command(*command);
}

Command CommandLine::add_group(const std::string& name, const std::string& description) const {
  CLI::App* group = app.add_subcommand(name, description);
  group->fallthrough();
  group->require_subcommand(1);
  return Command(*group);
}

}  // namespace slipstream
