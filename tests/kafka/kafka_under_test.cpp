#include "tests/kafka/kafka_under_test.h"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

namespace slipstream {

std::optional<KafkaUnderTest> KafkaUnderTest::find(const std::filesystem::path& directory,
                                                   std::string& why_not) {
  std::ifstream file(directory / "broker.json");
  if (!file) {
    std::ifstream reason(directory.string() + ".skipped");
    std::getline(reason, why_not);
    if (why_not.empty()) why_not = "no Kafka was started in " + directory.string();
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  const boost::json::value cluster = boost::json::parse(text.str());
  return KafkaUnderTest{std::string(cluster.at("bootstrap_servers").as_string())};
}

}  // namespace slipstream
