#include "engine/app/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

#include "connectors/definition/yaml_document.h"
#include "connectors/log/kafka_log.h"
#include "engine/base/decimal.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

struct ByteUnit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<ByteUnit, 8> kByteUnits = {{{"GiB", std::uint64_t{1} << 30},
                                                 {"MiB", 1 << 20},
                                                 {"KiB", 1 << 10},
                                                 {"GB", 1'000'000'000},
                                                 {"MB", 1'000'000},
                                                 {"kB", 1000},
                                                 {"B", 1},
                                                 {"", 1}}};
constexpr std::uint64_t kMemoryMin = std::uint64_t{64} << 20;
constexpr std::int64_t kPartitionsMax = 4096;
constexpr std::int64_t kReplicationMax = 100;
constexpr std::int64_t kBackupKeepMax = 1000;
constexpr std::int64_t kPortMax = 65'535;
constexpr std::int64_t kConnectionsMax = 100'000;

using Values = std::map<std::string, ConfiguredValue>;
using Environment = std::function<const char*(const char*)>;

std::string environment_name(const std::string& key) {
  std::string name = "SLIPSTREAM_";
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// "${NAME}" and "${NAME:-default}" replaced; error unknown_name for a variable that is not set and has no
// default.
Result<std::string> expand(const std::string& text, const Environment& environment) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("${", at);
    if (open == std::string::npos) return out + text.substr(at);
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos) return fail(ErrorCode::syntax, "there is a '${' without '}'");
    out += text.substr(at, open - at);
    const std::string inside = text.substr(open + 2, close - open - 2);
    const std::size_t fallback = inside.find(":-");
    const std::string name = inside.substr(0, fallback);
    const char* value = environment(name.c_str());
    if (value != nullptr && *value != '\0') {
      out += value;
    } else if (fallback != std::string::npos) {
      out += inside.substr(fallback + 2);
    } else {
      return fail(
          ErrorCode::unknown_name,
          fmt::format("environment variable {} is not set; set it or write ${{{}:-default}}", name, name));
    }
    at = close + 1;
  }
  return out;
}

constexpr std::string_view kKafkaPrefix = "kafka.";
constexpr std::string_view kFileSuffix = ".file";

// Keys of librdkafka's settings.
const std::vector<std::string>& kafka_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all = kafka_setting_names();
    for (std::string& name : all)
      name.insert(0, kKafkaPrefix);
    return all;
  }();
  return keys;
}

std::vector<std::string> key_names() {
  std::vector<std::string> names = kafka_keys();
  for (const ConfigurationKey& key : configuration_keys())
    names.push_back(key.name);
  return names;
}

// The key whose value stands in a file; nullopt: this names no file.
std::optional<std::string> key_of_file(const std::string& name) {
  if (!name.starts_with(kKafkaPrefix) || !name.ends_with(kFileSuffix)) return std::nullopt;
  return name.substr(0, name.size() - kFileSuffix.size());
}

bool is_known(const std::string& name) {
  const std::string key = key_of_file(name).value_or(name);
  if (key.starts_with(kKafkaPrefix)) return is_kafka_setting(key.substr(kKafkaPrefix.size()));
  const auto& keys = configuration_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const ConfigurationKey& known) { return known.name == key; });
}

Diagnostic unknown_key(std::string file, Mark mark, const std::string& name) {
  return {ErrorCode::unknown_key,    std::move(file), mark, name, fmt::format("no such key '{}'", name),
          suggest(name, key_names())};
}

void read_file(const std::filesystem::path& path, const Environment& environment, Values& values,
               Diagnostics& out) {
  const std::optional<Document> document = read_yaml_file(path, out);
  if (!document) return;
  if (document->kind != Document::Kind::map) {
    out.push_back({ErrorCode::syntax, path.string(), document->mark, "", "a configuration is a map of keys",
                   "memory: 1 GiB"});
    return;
  }
  const auto take = [&](const std::string& key, const Document::Entry& entry) {
    if (!is_known(key)) {
      out.push_back(unknown_key(path.string(), entry.key_mark, key));
    } else if (entry.value.kind != Document::Kind::scalar) {
      out.push_back(
          {ErrorCode::wrong_type, path.string(), entry.value.mark, key, "needs a single value", ""});
    } else if (auto text = expand(entry.value.scalar, environment); !text) {
      out.push_back({text.error().code, path.string(), entry.value.mark, key, text.error().message, ""});
    } else {
      values[key] = {*text, fmt::format("{}:{}", path.string(), entry.key_mark.line)};
    }
  };
  for (const Document::Entry& entry : document->entries) {
    if (entry.key == "kafka" && entry.value.kind == Document::Kind::map) {
      for (const Document::Entry& setting : entry.value.entries)
        take(std::string(kKafkaPrefix) + setting.key, setting);
    } else {
      take(entry.key, entry);
    }
  }
}

void read_environment(const Environment& environment, Values& values) {
  std::vector<std::string> keys = key_names();
  for (const std::string& key : kafka_keys())
    keys.push_back(key + std::string(kFileSuffix));
  for (const std::string& key : keys) {
    const std::string name = environment_name(key);
    if (const char* value = environment(name.c_str())) values[key] = {value, name};
  }
}

void read_assignments(const std::vector<std::string>& assignments, Values& values, Diagnostics& out) {
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    const std::string name = assignment.substr(0, equals);
    if (equals == std::string::npos) {
      out.push_back({ErrorCode::usage, "--set", {}, name, "needs key=value", "--set memory=2GiB"});
    } else if (!is_known(name)) {
      out.push_back(unknown_key("--set", {}, name));
    } else {
      values[name] = {assignment.substr(equals + 1), "--set"};
    }
  }
}

Result<std::int64_t> parse_count(const std::string& text, std::int64_t min, std::int64_t max) {
  const auto number = Decimal::parse(text);
  const auto integer = number ? number->to_integer() : std::nullopt;
  if (!integer || *integer < min || *integer > max)
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is not a whole number from {} to {}", text, min, max));
  return *integer;
}

Result<Duration> parse_positive_duration(const std::string& text) {
  SLIPSTREAM_ASSIGN(const Duration duration, parse_duration(text));
  if (duration.us <= 0)
    return fail(ErrorCode::invalid_value, fmt::format("'{}' must be longer than nothing", text));
  return duration;
}

Result<> set_clock(const std::string& text, Configuration& c) {
  if (text == "system" || text == "events") {
    c.clock = text == "system" ? ClockMode::system : ClockMode::events;
    return {};
  }
  const auto at = parse_timestamp(text);
  if (!at)
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is neither 'system', 'events' nor an RFC 3339 time", text));
  c.clock = ClockMode::fixed;
  c.clock_at = *at;
  return {};
}

Result<> set_memory(const std::string& text, Configuration& c) {
  SLIPSTREAM_ASSIGN(c.memory_bytes, parse_bytes(text));
  if (c.memory_bytes < kMemoryMin)
    return fail(ErrorCode::invalid_value, fmt::format("'{}' is less than 64 MiB", text));
  return {};
}

Result<> set_flag(const std::string& text, bool& flag) {
  if (text != "true" && text != "false")
    return fail(ErrorCode::invalid_value, fmt::format("'{}' is neither true nor false", text));
  flag = text == "true";
  return {};
}

Result<std::string> content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file)
    return fail(ErrorCode::unreadable_file,
                fmt::format("'{}' cannot be read; name a file that this user may read", path));
  std::string text = content.str();
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  return text;
}

Result<> set_kafka(const std::string& key, const std::string& text, Configuration& c) {
  const std::optional<std::string> of_file = key_of_file(key);
  const std::string name = of_file.value_or(key).substr(kKafkaPrefix.size());
  std::string value = text;
  if (of_file) {
    SLIPSTREAM_ASSIGN(value, content_of(text));
  }
  SLIPSTREAM_TRY(check_kafka_setting(name, value));
  c.kafka[name] = std::move(value);
  return {};
}

Result<> set_log(const std::string& text, Configuration& c) {
  if (text != "embedded" && text != "kafka")
    return fail(ErrorCode::invalid_value, fmt::format("'{}' is neither 'embedded' nor 'kafka'", text));
  c.log = text == "kafka" ? LogChoice::kafka : LogChoice::embedded;
  return {};
}

Result<> set_alert_encoding(const std::string& text, Configuration& c) {
  if (text != "json" && text != "flatbuffers")
    return fail(ErrorCode::invalid_value, fmt::format("'{}' is neither 'json' nor 'flatbuffers'", text));
  c.alert_encoding = text == "json" ? AlertEncoding::json : AlertEncoding::flatbuffers;
  return {};
}

constexpr std::string_view kListenByDefault = "127.0.0.1";

// "8080", "0.0.0.0:8080", "[::]:8080"; empty: nowhere.
Result<> set_listening(const std::string& text, Listening& where) {
  where = {};
  if (text.empty()) return {};
  const std::size_t colon = text.rfind(':');
  const auto port = parse_count(text.substr(colon == std::string::npos ? 0 : colon + 1), 0, kPortMax);
  std::string address(colon == std::string::npos ? kListenByDefault
                                                 : std::string_view(text).substr(0, colon));
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (!port || address.empty())
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is neither a port nor an address and a port, such as 127.0.0.1:8080 or "
                            "[::]:8080",
                            text));
  where = {std::move(address), static_cast<std::uint16_t>(*port)};
  return {};
}

Result<> assign(const std::string& key, const std::string& text, Configuration& c) {
  if (key.starts_with(kKafkaPrefix)) return set_kafka(key, text, c);
  if (key == "log") return set_log(text, c);
  if (key == "topic_prefix") return (c.topic_prefix = text, Result<>());
  if (key == "address") return (c.address = text, Result<>());
  if (key == "data") return (c.data = text, Result<>());
  if (key == "definitions") return (c.definitions = text, Result<>());
  if (key == "backup") return (c.backup = text, Result<>());
  if (key == "clock") return set_clock(text, c);
  if (key == "memory") return set_memory(text, c);
  if (key == "sync_state") return set_flag(text, c.sync_state);
  if (key == "alert_encoding") return set_alert_encoding(text, c);
  if (key == "http") return set_listening(text, c.http);
  if (key == "peer") return set_listening(text, c.peer);
  if (key == "record_bytes_max") {
    SLIPSTREAM_ASSIGN(c.record_bytes_max, parse_bytes(text));
  } else if (key == "http_body_max") {
    SLIPSTREAM_ASSIGN(c.http_body_bytes_max, parse_bytes(text));
  } else if (key == "http_connections_max") {
    SLIPSTREAM_ASSIGN(const std::int64_t count, parse_count(text, 1, kConnectionsMax));
    c.http_connections_max = static_cast<std::int32_t>(count);
  } else if (key == "partitions") {
    SLIPSTREAM_ASSIGN(const std::int64_t count, parse_count(text, 1, kPartitionsMax));
    c.partitions = static_cast<std::int32_t>(count);
  } else if (key == "replication" && !text.empty()) {
    SLIPSTREAM_ASSIGN(const std::int64_t count, parse_count(text, 1, kReplicationMax));
    c.replication = static_cast<std::int32_t>(count);
  } else if (key == "commit_interval") {
    SLIPSTREAM_ASSIGN(c.commit_interval, parse_positive_duration(text));
  } else if (key == "future_skew_max") {
    SLIPSTREAM_ASSIGN(c.future_skew_max, parse_positive_duration(text));
  } else if (key == "backup_every") {
    SLIPSTREAM_ASSIGN(c.backup_every, parse_positive_duration(text));
  } else if (key == "backup_keep") {
    SLIPSTREAM_ASSIGN(const std::int64_t count, parse_count(text, 1, kBackupKeepMax));
    c.backup_keep = static_cast<std::int32_t>(count);
  }
  return {};
}

}  // namespace

const std::vector<ConfigurationKey>& configuration_keys() {
  static const std::vector<ConfigurationKey> keys = {
      {"data", "slipstream-data", "directory of the embedded log and the state"},
      {"definitions", "", "YAML file of views, KPIs, targets and alerts"},
      {"log", "embedded", "embedded (in the data directory, one process) or kafka"},
      {"topic_prefix", "", "begins the name of every topic and of the consumer group"},
      {"address", "",
       "where others reach this instance, in the members' topic; by default where http listens, or the "
       "machine's name"},
      {"replication", "", "copies of each topic that is created on Kafka; by default as the brokers are set"},
      {"partitions", "4", "partitions of a new log; an existing one keeps its own"},
      {"memory", "1 GiB", "one budget: block cache, memtables, hot rows; at least 64 MiB"},
      {"commit_interval", "500 ms",
       "how often work is committed: durable and visible; sooner when changes fill their share of memory, "
       "and while an instance catches up"},
      {"clock", "system", "system, events (the newest instant events show), or an RFC 3339 time to stand at"},
      {"record_bytes_max", "1 MiB", "larger records become dead letters"},
      {"future_skew_max", "1 day", "how far beyond a record's log time its own times may be"},
      {"sync_state", "false",
       "sync the state at every commit too; the log always is, and it can rebuild the state"},
      {"backup", "",
       "directory, on a volume that outlives the machine, where checkpoints of the state are kept"},
      {"backup_every", "5 minutes", "how often a checkpoint of each shard is made"},
      {"backup_keep", "2", "checkpoints kept of each shard; an older one is taken when a newer is damaged"},
      {"alert_encoding", "json",
       "json or flatbuffers: the values of the records that alerts are published in"},
      {"http", "",
       "port, or address and port, of the HTTP service: 8080, 0.0.0.0:8080, [::]:8080; by default there is "
       "none"},
      {"peer", "",
       "port, or address and port, where other instances read this one's shards, when there is http; by "
       "default the address of http and any free port"},
      {"http_body_max", "10 MiB", "the largest body of a request, e.g. of events"},
      {"http_connections_max", "1024", "connections at a time; more are turned away"},
  };
  return keys;
}

std::optional<LoadedConfiguration> load_configuration(const ConfigurationSources& sources,
                                                      Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.size();
  LoadedConfiguration loaded;
  for (const ConfigurationKey& key : configuration_keys())
    loaded.values[key.name] = {key.default_text, "default"};
  if (sources.file) read_file(*sources.file, sources.environment, loaded.values, diagnostics);
  if (sources.takes_variables) read_environment(sources.environment, loaded.values);
  read_assignments(sources.assignments, loaded.values, diagnostics);
  for (const auto& [key, value] : loaded.values)
    if (const auto assigned = assign(key, value.text, loaded.configuration); !assigned)
      diagnostics.push_back({assigned.error().code, value.origin, {}, key, assigned.error().message, ""});
  const Configuration& configuration = loaded.configuration;
  if (configuration.log == LogChoice::kafka && !configuration.kafka.contains("bootstrap.servers"))
    diagnostics.push_back({ErrorCode::usage,
                           loaded.values["log"].origin,
                           {},
                           "kafka.bootstrap.servers",
                           "is needed with log: kafka",
                           "--set kafka.bootstrap.servers=localhost:9092"});
  if (diagnostics.size() > errors_before) return std::nullopt;
  return loaded;
}

bool is_secret(std::string_view key) {
  if (key.ends_with(kFileSuffix)) return false;  // the file's name
  constexpr std::array<std::string_view, 5> kSigns{"password", "secret", "key.pem", "oauthbearer", "kinit"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return key.find(sign) != std::string_view::npos; });
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view unit = text.substr(digits);
  while (unit.starts_with(' '))
    unit.remove_prefix(1);
  const auto found =
      std::find_if(kByteUnits.begin(), kByteUnits.end(), [&](const ByteUnit& u) { return u.name == unit; });
  const auto number = Decimal::parse(text.substr(0, digits));
  const auto integer = number ? number->to_integer() : std::nullopt;
  if (!integer || found == kByteUnits.end() ||
      static_cast<std::uint64_t>(*integer) > (std::uint64_t{1} << 50) / found->bytes)
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is not a size; write 64 MiB, 1 GiB or a number of bytes", text));
  return static_cast<std::uint64_t>(*integer) * found->bytes;
}

std::string format_bytes(std::uint64_t bytes) {
  for (const ByteUnit& unit : {kByteUnits[0], kByteUnits[1], kByteUnits[2]})
    if (bytes >= unit.bytes)
      return fmt::format("{:.1f} {}", static_cast<double>(bytes) / static_cast<double>(unit.bytes),
                         unit.name);
  return fmt::format("{} B", bytes);
}

}  // namespace slipstream
