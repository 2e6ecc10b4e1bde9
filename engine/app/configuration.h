// The configuration of an instance: defaults < YAML file < SLIPSTREAM_* environment < --set key=value.
//
// Every key is in one table (configuration_keys()), which parsing, `config print` and docs/configuration.md
// follow.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/definition/diagnostic.h"
#include "engine/judge/alert_message.h"

namespace slipstream {

enum class ClockMode : std::uint8_t {
  system,  // the machine's clock
  events,  // the newest instant any event has shown: for replays of history
  fixed,   // stands at one instant
};

enum class LogChoice : std::uint8_t {
  embedded,  // in the data directory, for one process
  kafka,
};

// Where to accept connections.
struct Listening {
  std::string address;     // IPv4 or IPv6
  std::uint16_t port = 0;  // 0: any that is free
};

struct Configuration {
  std::filesystem::path data = "slipstream-data";  // embedded log and state
  LogChoice log = LogChoice::embedded;
  std::map<std::string, std::string> kafka;  // librdkafka's settings, without "kafka."
  std::string topic_prefix;                  // of every topic and of the consumer group
  std::string address;                       // where others reach this instance; empty: as it listens
  std::int32_t replication = -1;             // of topics that are created; -1: as the brokers are set
  std::filesystem::path definitions;         // YAML; empty: none given
  std::int32_t partitions = 4;               // of a new log; an existing one keeps its own
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
  Duration commit_interval = milliseconds(500);
  ClockMode clock = ClockMode::system;
  Timestamp clock_at;  // fixed only
  std::uint64_t record_bytes_max = 1 << 20;
  Duration future_skew_max = days(1);
  bool sync_state = false;       // sync the state store at every commit; the log always is
  std::filesystem::path backup;  // directory of checkpoints; empty: none are made
  Duration backup_every = minutes(5);
  std::int32_t backup_keep = 2;  // checkpoints of each shard
  AlertEncoding alert_encoding = AlertEncoding::json;
  Listening http;  // without an address: there is no HTTP service
  Listening peer;  // where other instances read this one's shards; without an address: that of http, any port
  std::uint64_t http_body_bytes_max = 10 << 20;
  std::int32_t http_connections_max = 1024;
};

// Beside these, every setting of librdkafka as "kafka.NAME", and "kafka.NAME.file" for one whose value is a
// file's content.
struct ConfigurationKey {
  std::string name;
  std::string default_text;
  std::string meaning;
};
const std::vector<ConfigurationKey>& configuration_keys();

// A value and where it came from: "default", "slipstream.yaml:3", "SLIPSTREAM_MEMORY", "--set".
struct ConfiguredValue {
  std::string text;  // of a secret: as it was given
  std::string origin;
};

struct ConfigurationSources {
  std::optional<std::filesystem::path> file;
  std::function<const char*(const char*)> environment;  // std::getenv
  bool takes_variables = true;           // SLIPSTREAM_*; false: only variables that the file names
  std::vector<std::string> assignments;  // "key=value"
};

struct LoadedConfiguration {
  Configuration configuration;
  std::map<std::string, ConfiguredValue> values;  // every key
};

// On failure returns nullopt and appends every error found. `${NAME}` and `${NAME:-default}` in the file's
// values are read from the environment.
std::optional<LoadedConfiguration> load_configuration(const ConfigurationSources& sources,
                                                      Diagnostics& diagnostics);

// Is the value of such a key not to be shown: a password, a key?
bool is_secret(std::string_view key);

// "64 MiB", "1 GiB", "512 kB", "1000": bytes.
Result<std::uint64_t> parse_bytes(std::string_view text);
std::string format_bytes(std::uint64_t bytes);

}  // namespace slipstream
