// Which topics there are and how many partitions they have; creating them. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "connectors/log/kafka_client.h"
#include "engine/log/event_log.h"

namespace slipstream {

class KafkaTopics {
 public:
  KafkaTopics(std::shared_ptr<KafkaClient> client, const KafkaLogOptions& options)
      : client_(std::move(client)), options_(options) {}

  // not_found when there is no such topic or partition. Asks the brokers about what it has not heard of.
  Result<> check(const TopicPartition& at);
  Result<> check(std::span<const OutputRecord> records);
  Result<std::int32_t> partitions_of(const std::string& topic);

  Result<> create(const TopicOptions& options);
  Result<std::vector<TopicOptions>> all();

 private:
  Result<std::map<std::string, std::int32_t>> ask(const std::string* topic);
  Result<std::vector<TopicOptions>> describe(const std::map<std::string, std::int32_t>& topics);
  Result<> wait_for(const TopicOptions& options);

  const std::shared_ptr<KafkaClient> client_;
  const KafkaLogOptions& options_;
  std::mutex mutex_;
  std::map<std::string, std::int32_t> known_;  // guarded: partitions of each topic heard of
};

}  // namespace slipstream
