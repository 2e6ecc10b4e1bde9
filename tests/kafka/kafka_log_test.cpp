// What the log on Kafka promises beside the conformance suite. Needs a broker, as tests/kafka/CMakeLists.txt starts it.
#include "connectors/log/kafka_log.h"

#include <fmt/format.h>

#include "tests/kafka/kafka_test.h"

namespace slipstream {
namespace {

class KafkaLogTest : public KafkaTest {};

TEST_F(KafkaLogTest, AnAppendThatBrokersRefuseSpoilsNotTheNext) {
  KafkaLogOptions small = options_;
  small.record_bytes_max = 1000;  // and with it what brokers take in the topic
  ASSERT_TRUE(open(small)->create_topic(topic("events")));
  const auto log = open(options_);
  const std::vector<OutputRecord> large = {record("events", std::string(100'000, 'x'))};
  const auto refused = log->append(large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::record_too_large) << refused.error().message;
  const std::vector<OutputRecord> fitting = {record("events", "small")};
  const auto taken = log->append(fitting);
  EXPECT_TRUE(taken) << taken.error().message;
}

TEST_F(KafkaLogTest, AMembersPositionsAreFoundFarBehindThoseOfOthers) {
  const auto log = open(options_);
  ASSERT_TRUE(log->create_topic({options_.positions_topic, 1, Cleanup::compact, {}, {}}));
  ASSERT_TRUE(log->create_topic(topic("events")));
  const TopicPartition events{options_.prefix + "events", Partition(0)};
  auto quiet = log->open_producer("quiet");
  auto busy = log->open_producer("busy");
  ASSERT_TRUE(quiet && busy);
  ASSERT_TRUE((*quiet)->commit({{}, "group", "quiet", {{events, Offset(7)}}, "note"}));
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE((*busy)->commit({{}, "group", "busy", {{events, Offset(i)}}, ""}));
  const auto found = log->committed("group", "quiet");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->metadata, "note");
  EXPECT_EQ(found->next.at(events), Offset(7));
}

TEST_F(KafkaLogTest, ATopicCreatedAgainWithAnotherCleanupDiffers) {
  const auto log = open(options_);
  ASSERT_TRUE(log->create_topic(topic("states", Cleanup::compact)));
  EXPECT_TRUE(log->create_topic(topic("states", Cleanup::compact)));
  const auto differs = log->create_topic(topic("states"));
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().code, ErrorCode::already_exists);
}

// The client is made to fetch on by seeking, between what it has fetched already.
TEST_F(KafkaLogTest, ManyTimesAFetchComesOnceAndInOrder) {
  constexpr int kRecords = 4000;
  KafkaLogOptions small = options_;
  small.fetch_bytes_max = 65536;
  const auto log = open(small);
  ASSERT_TRUE(log->create_topic(topic("events")));
  std::vector<OutputRecord> records;
  for (int i = 0; i < kRecords; ++i)
    records.push_back(record("events", fmt::format("{}{}", i, std::string(1000, ' '))));
  ASSERT_TRUE(log->append(records));
  const TopicPartition at{options_.prefix + "events", Partition(0)};
  for (const std::int64_t from : {0, 3000, 1000}) {  // readers one after another, of one client
    const auto reader = log->open_reader();
    ASSERT_TRUE(reader->seek(at, Offset(from)));
    std::int64_t next = from;
    for (int quiet = 0; next < kRecords && quiet < 10;) {
      const auto batches = reader->poll(100, 1 << 20, seconds(2));
      ASSERT_TRUE(batches) << batches.error().message;
      quiet = batches->empty() ? quiet + 1 : 0;
      for (const ReadBatch& batch : *batches)
        for (const RecordView& read : batch.records) {
          ASSERT_EQ(read.offset, Offset(next));
          ASSERT_TRUE(read.value.starts_with(fmt::format("{} ", next))) << next;
          ++next;
        }
    }
    EXPECT_EQ(next, kRecords);
  }
}

TEST_F(KafkaLogTest, BrokersThatAreNotThereAreNamedUnavailable) {
  KafkaLogOptions nowhere = options_;
  nowhere.settings["bootstrap.servers"] = "127.0.0.1:1";
  nowhere.patience = std::make_shared<Patience>(seconds(2));
  const auto log = open(nowhere);
  const auto topics = log->topics();
  ASSERT_FALSE(topics);
  EXPECT_EQ(topics.error().code, ErrorCode::log_unavailable);
  EXPECT_NE(topics.error().message.find("are the brokers reachable"), std::string::npos)
      << topics.error().message;
  const auto producer = log->open_producer("p");
  ASSERT_FALSE(producer);
  EXPECT_EQ(producer.error().code, ErrorCode::log_unavailable);
}

TEST_F(KafkaLogTest, SettingsThatDoNotGoTogetherAreRefusedWhenItIsOpened) {
  KafkaLogOptions weak = options_;
  weak.settings["acks"] = "1";
  const auto refused = open_kafka_log(weak);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_value);
}

}  // namespace
}  // namespace slipstream
