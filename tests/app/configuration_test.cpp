// Where a configuration's values come from, what is refused, and that the documentation lists what there is.
#include "engine/app/configuration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace slipstream {
namespace {

using Environment = std::map<std::string, std::string>;

struct Loaded {
  std::optional<LoadedConfiguration> configuration;
  Diagnostics diagnostics;
};

Loaded load(const std::string& file, const Environment& environment = {},
            std::vector<std::string> assignments = {}) {
  ConfigurationSources sources;
  const std::string path =
      fmt::format("{}configuration_{}_test.yaml", testing::TempDir(), ::getpid());  // tests run side by side
  std::ofstream(path) << file;
  if (!file.empty()) sources.file = path;
  sources.environment = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  sources.assignments = std::move(assignments);
  Loaded loaded;
  loaded.configuration = load_configuration(sources, loaded.diagnostics);
  return loaded;
}

TEST(ConfigurationTest, DefaultsAreThoseOfTheTable) {
  const Loaded loaded = load("");
  ASSERT_TRUE(loaded.configuration);
  const Configuration& c = loaded.configuration->configuration;
  EXPECT_EQ(c.partitions, 4);
  EXPECT_EQ(c.memory_bytes, std::uint64_t{1} << 30);
  EXPECT_EQ(c.commit_interval, milliseconds(500));
  EXPECT_EQ(c.clock, ClockMode::system);
  EXPECT_EQ(c.record_bytes_max, std::uint64_t{1} << 20);
  EXPECT_EQ(c.future_skew_max, days(1));
  EXPECT_FALSE(c.sync_state);
  EXPECT_EQ(c.alert_encoding, AlertEncoding::json);
  EXPECT_EQ(c.data, "slipstream-data");
  EXPECT_TRUE(c.backup.empty());
  EXPECT_EQ(c.backup_every, minutes(5));
  EXPECT_EQ(c.backup_keep, 2);
  for (const auto& [key, value] : loaded.configuration->values)
    EXPECT_EQ(value.origin, "default") << key;
}

TEST(ConfigurationTest, LaterSourcesWinAndSayWhoTheyAre) {
  const std::string file = "partitions: 2\nmemory: 512 MiB\nclock: events\n";
  const Loaded loaded =
      load(file, {{"SLIPSTREAM_MEMORY", "256 MiB"}, {"SLIPSTREAM_CLOCK", "system"}}, {"memory=128MiB"});
  ASSERT_TRUE(loaded.configuration);
  EXPECT_EQ(loaded.configuration->configuration.partitions, 2);
  EXPECT_EQ(loaded.configuration->configuration.memory_bytes, std::uint64_t{128} << 20);
  EXPECT_EQ(loaded.configuration->configuration.clock, ClockMode::system);
  EXPECT_TRUE(loaded.configuration->values.at("partitions").origin.ends_with("_test.yaml:1"));
  EXPECT_EQ(loaded.configuration->values.at("clock").origin, "SLIPSTREAM_CLOCK");
  EXPECT_EQ(loaded.configuration->values.at("memory").origin, "--set");
}

TEST(ConfigurationTest, VariablesStandInTheFilesValues) {
  const Loaded loaded = load("data: ${ROOT}/x\ndefinitions: ${NAME:-city}.yaml\n", {{"ROOT", "/srv"}});
  ASSERT_TRUE(loaded.configuration);
  EXPECT_EQ(loaded.configuration->configuration.data, "/srv/x");
  EXPECT_EQ(loaded.configuration->configuration.definitions, "city.yaml");
  const Loaded missing = load("data: ${ROOT}/x\n");
  ASSERT_EQ(missing.diagnostics.size(), 1u);
  EXPECT_EQ(missing.diagnostics[0].code, ErrorCode::unknown_name);
}

TEST(ConfigurationTest, ABackupHasADirectoryAnIntervalAndANumber) {
  const Loaded loaded = load("backup: /mnt/backup\nbackup_every: 30 seconds\nbackup_keep: 7\n");
  ASSERT_TRUE(loaded.configuration);
  EXPECT_EQ(loaded.configuration->configuration.backup, "/mnt/backup");
  EXPECT_EQ(loaded.configuration->configuration.backup_every, seconds(30));
  EXPECT_EQ(loaded.configuration->configuration.backup_keep, 7);
  EXPECT_EQ(load("backup_every: 0 s\n").diagnostics.size(), 1u);
  EXPECT_EQ(load("backup_keep: 0\n").diagnostics.size(), 1u);
}

TEST(ConfigurationTest, AlertsArePublishedInTheEncodingChosen) {
  const Loaded loaded = load("alert_encoding: flatbuffers\n");
  ASSERT_TRUE(loaded.configuration);
  EXPECT_EQ(loaded.configuration->configuration.alert_encoding, AlertEncoding::flatbuffers);
  const Loaded wrong = load("alert_encoding: protobuf\n");
  ASSERT_EQ(wrong.diagnostics.size(), 1u);
  EXPECT_EQ(wrong.diagnostics[0].code, ErrorCode::invalid_value);
}

TEST(ConfigurationTest, AClockMayStandAtAnInstant) {
  const Loaded loaded = load("", {}, {"clock=2012-01-20T00:00:00+01:00"});
  ASSERT_TRUE(loaded.configuration);
  EXPECT_EQ(loaded.configuration->configuration.clock, ClockMode::fixed);
  EXPECT_EQ(format_timestamp(loaded.configuration->configuration.clock_at), "2012-01-19T23:00:00Z");
}

TEST(ConfigurationTest, EveryErrorIsToldAtOnceWithItsPlace) {
  const Loaded loaded = load("partitions: 0\nmemori: 1 GiB\nclock: yesterday\ncommit_interval: [1]\n", {},
                             {"sync_state=perhaps", "memory=1MiB"});
  EXPECT_FALSE(loaded.configuration);
  EXPECT_EQ(loaded.diagnostics.size(), 6u);
  bool hinted = false;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    EXPECT_FALSE(diagnostic.message.empty());
    hinted |= diagnostic.path == "memori" && diagnostic.mark.line == 2 &&
              diagnostic.hint.find("memory") != std::string::npos;
  }
  EXPECT_TRUE(hinted);
}

// The codes of all errors, by the key they are about.
std::map<std::string, ErrorCode> errors_of(const Loaded& loaded) {
  std::map<std::string, ErrorCode> errors;
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    errors[diagnostic.path] = diagnostic.code;
  return errors;
}

TEST(ConfigurationTest, KafkasSettingsArePassedThroughUnderTheirOwnNames) {
  const Loaded loaded = load(
      "log: kafka\ntopic_prefix: city.\nreplication: 3\nkafka:\n  bootstrap.servers: one:9092\n  client.id: "
      "${WHO:-me}\n",
      {{"SLIPSTREAM_KAFKA_SECURITY_PROTOCOL", "ssl"}}, {"kafka.socket.timeout.ms=5000"});
  ASSERT_TRUE(loaded.configuration);
  const Configuration& c = loaded.configuration->configuration;
  EXPECT_EQ(c.log, LogChoice::kafka);
  EXPECT_EQ(c.topic_prefix, "city.");
  EXPECT_EQ(c.replication, 3);
  const std::map<std::string, std::string> expected = {{"bootstrap.servers", "one:9092"},
                                                       {"client.id", "me"},
                                                       {"security.protocol", "ssl"},
                                                       {"socket.timeout.ms", "5000"}};
  EXPECT_EQ(c.kafka, expected);
}

TEST(ConfigurationTest, AKafkaSettingThatIsUnknownWrongOrTheLogsOwnIsRefused) {
  const Loaded loaded = load("", {},
                             {"kafka.bootstrap.server=x", "kafka.socket.timeout.ms=soon",
                              "kafka.isolation.level=read_uncommitted", "kafka.transactional.id=mine"});
  EXPECT_FALSE(loaded.configuration);
  const std::map<std::string, ErrorCode> expected = {{"kafka.bootstrap.server", ErrorCode::unknown_key},
                                                     {"kafka.socket.timeout.ms", ErrorCode::invalid_value},
                                                     {"kafka.isolation.level", ErrorCode::invalid_value},
                                                     {"kafka.transactional.id", ErrorCode::invalid_value}};
  EXPECT_EQ(errors_of(loaded), expected);
  EXPECT_NE(loaded.diagnostics.front().hint.find("kafka.bootstrap.servers"), std::string::npos);
}

TEST(ConfigurationTest, KafkaNeedsItsServers) {
  EXPECT_EQ(errors_of(load("log: kafka\n")),
            (std::map<std::string, ErrorCode>{{"kafka.bootstrap.servers", ErrorCode::usage}}));
}

TEST(ConfigurationTest, ASecretMayStandInAFileAndIsNotShown) {
  const std::string file = fmt::format("{}secret_{}", testing::TempDir(), ::getpid());
  std::ofstream(file) << "pa$$word ${x\n";
  for (const Loaded& loaded : {load("kafka:\n  sasl.password.file: " + file + "\n"),
                               load("", {{"SLIPSTREAM_KAFKA_SASL_PASSWORD_FILE", file}}),
                               load("", {}, {"kafka.sasl.password.file=" + file})}) {
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->configuration.kafka.at("sasl.password"), "pa$$word ${x");
  }
  EXPECT_EQ(errors_of(load("", {}, {"kafka.sasl.password.file=/no/such/file"})),
            (std::map<std::string, ErrorCode>{{"kafka.sasl.password.file", ErrorCode::unreadable_file}}));
  for (const char* key : {"kafka.sasl.password", "kafka.ssl.key.pem", "kafka.ssl.key.password",
                          "kafka.sasl.oauthbearer.config"})
    EXPECT_TRUE(is_secret(key)) << key;
  for (const char* key : {"kafka.sasl.password.file", "kafka.sasl.username", "memory"})
    EXPECT_FALSE(is_secret(key)) << key;
}

TEST(ConfigurationTest, AnErrorInAValueDoesNotSayTheValue) {
  const Loaded loaded = load("kafka:\n  sasl.password: \"secret${\"\n");
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(format_diagnostic(loaded.diagnostics.front()).find("secret"), std::string::npos);
}

TEST(ConfigurationTest, SizesAreReadInTheirUnits) {
  EXPECT_EQ(parse_bytes("64 MiB"), std::uint64_t{64} << 20);
  EXPECT_EQ(parse_bytes("1GiB"), std::uint64_t{1} << 30);
  EXPECT_EQ(parse_bytes("512 kB"), 512'000u);
  EXPECT_EQ(parse_bytes("1000"), 1000u);
  for (const char* bad : {"", "MiB", "-1", "1.5 GiB", "1 QiB", "99999999999999999999", "9999999 GiB"})
    EXPECT_FALSE(parse_bytes(bad)) << bad;
}

// The rows of the table in docs/configuration.md.
std::vector<ConfigurationKey> documented_keys() {
  std::ifstream file(std::string(SLIPSTREAM_SOURCE_DIR) + "/docs/configuration.md");
  std::vector<ConfigurationKey> keys;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream cells_of(line.substr(2));
    for (std::string cell; std::getline(cells_of, cell, '|');) {
      std::erase(cell, '`');
      cell.erase(0, cell.find_first_not_of(' '));
      cell.erase(cell.find_last_not_of(' ') + 1);
      cells.push_back(cell);
    }
    if (cells.size() >= 3) keys.push_back({cells[0], cells[1] == "none" ? "" : cells[1], cells[2]});
  }
  return keys;
}

TEST(ConfigurationTest, TheDocumentationListsEveryKeyWithItsDefaultAndMeaning) {
  const std::vector<ConfigurationKey> documented = documented_keys();
  const std::vector<ConfigurationKey>& keys = configuration_keys();
  ASSERT_EQ(documented.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(documented[i].name, keys[i].name);
    EXPECT_EQ(documented[i].default_text, keys[i].default_text) << keys[i].name;
    EXPECT_EQ(documented[i].meaning, keys[i].meaning) << keys[i].name;
  }
}

}  // namespace
}  // namespace slipstream
