// `slipstream config print`: what the configuration is, and where each value comes from.
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

Result<ExitCode> print_configuration(Session& session) {
  SLIPSTREAM_ASSIGN(const LoadedConfiguration* loaded, session.loaded());
  Answer answer = session.answer();
  answer.section("configuration",
                 {text_column("key"), text_column("value"), text_column("origin"), text_column("meaning")});
  for (const ConfigurationKey& key : configuration_keys()) {
    const ConfiguredValue& value = loaded->values.at(key.name);
    answer.row({text_cell(key.name), text_cell(value.text), text_cell(value.origin), text_cell(key.meaning)});
  }
  for (const auto& [key, value] : loaded->values)
    if (key.starts_with("kafka."))
      answer.row({text_cell(key), text_cell(is_secret(key) ? "(not shown)" : value.text),
                  text_cell(value.origin), text_cell("of librdkafka")});
  return ExitCode::ok;
}

}  // namespace

void add_config_command(const CommandLine& line) {
  const Command group = line.add_group("config", "Show the configuration");
  line.add(group, "print", "Print every key, its value and where the value comes from",
           "  slipstream config print\n  slipstream config print --config slipstream.yaml --set memory=2GiB",
           [&session = line.session] { return print_configuration(session); });
}

}  // namespace slipstream
