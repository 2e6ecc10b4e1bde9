// Tests on a broker that tests/kafka/CMakeLists.txt starts; each has a prefix for its topics and groups.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "connectors/log/kafka_log.h"
#include "tests/kafka/kafka_under_test.h"

namespace slipstream {

class KafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    const auto broker =
        KafkaUnderTest::find(std::filesystem::path(SLIPSTREAM_BINARY_DIR) / "kafka-4.1", why_not);
    if (!broker) GTEST_SKIP() << why_not;  // in continuous integration a failure
    options_.settings = {{"bootstrap.servers", broker->bootstrap_servers}};
    options_.replication = 1;
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    options_.prefix = std::string(test->name()) + "-" + std::to_string(::getpid()) + ".";
    options_.positions_topic = options_.prefix + "positions";
  }

  std::unique_ptr<EventLog> open(const KafkaLogOptions& options) {
    auto opened = open_kafka_log(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  TopicOptions topic(const std::string& name, Cleanup cleanup = Cleanup::retain) const {
    return {options_.prefix + name, 1, cleanup, {}, {}};
  }
  OutputRecord record(const std::string& name, std::string value) const {
    return {options_.prefix + name, Partition(0), "key",
            std::move(value),       {},           Timestamp{1'700'000'000'000'000}};
  }

  KafkaLogOptions options_;
};

}  // namespace slipstream
