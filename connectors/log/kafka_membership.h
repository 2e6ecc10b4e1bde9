// An instance's place in a consumer group that shares out the partitions of one topic. Nothing is read here:
// whoever runs a shard reads from where its positions say. A thread of its own answers the group, so that
// nothing that takes long holds up the others' assignment.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "connectors/log/kafka_client.h"
#include "engine/log/membership.h"

namespace slipstream {

class KafkaMembership final : public Membership {
 public:
  // As join_kafka_group().
  static Result<std::unique_ptr<Membership>> join(const KafkaLogOptions& options, const std::string& topic,
                                                  const std::string& group, const std::string& name);
  ~KafkaMembership() override;

  Result<Assignment> assignment() override;
  void leave() override;

 private:
  KafkaMembership() = default;
  Result<> subscribe(const std::string& topic);
  void serve();
  void on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void take(const rd_kafka_message_t& message);
  void shut_out(Error error);

  std::shared_ptr<KafkaClient> client_;
  std::thread thread_;
  std::atomic<bool> leaving_{false};
  std::mutex mutex_;
  Assignment assignment_;          // guarded by mutex_
  std::optional<Error> shut_out_;  // guarded by mutex_
};

}  // namespace slipstream
