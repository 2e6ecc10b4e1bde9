// A broker that the tests' fixtures have started: `kafka_broker.py start` wrote where it is, or nothing and
// why.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace slipstream {

struct KafkaUnderTest {
  std::string bootstrap_servers;

  // Of the cluster in `directory`; nullopt: there is none, and `why_not` says why.
  static std::optional<KafkaUnderTest> find(const std::filesystem::path& directory, std::string& why_not);
};

}  // namespace slipstream
