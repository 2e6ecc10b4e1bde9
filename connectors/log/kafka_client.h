// One librdkafka handle: made from the user's settings and those that the log needs, closed with its last
// owner. Only .cpp files of the Kafka log include this.
#pragma once

#include <librdkafka/rdkafka.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/log/kafka_log.h"
#include "engine/base/time.h"

namespace slipstream {

inline constexpr std::size_t kReasonBytes = 512;  // for what librdkafka says of an error

using KafkaSetting = std::pair<std::string_view, std::string>;

// Called while the client is polled or flushed.
struct KafkaCallbacks {
  void (*reported)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;  // each record of a producer
  // A group's member has partitions to take or to give back.
  std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)> rebalanced = {};
};

class KafkaClient : public std::enable_shared_from_this<KafkaClient> {
 public:
  // `own` settings go over the user's.
  static Result<std::shared_ptr<KafkaClient>> open(rd_kafka_type_t type, const KafkaSettings& settings,
                                                   std::span<const KafkaSetting> own,
                                                   KafkaCallbacks callbacks = {});
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  rd_kafka_t* get() const { return client_; }
  // Lets the client know the topic's partitions and their leaders now; by itself it asks once a second.
  Result<> meet(const std::string& topic, const Patience& patience);
  // The offsets of a partition as the client's isolation lets it see them.
  Result<OffsetRange> offsets(const TopicPartition& at, const Patience& patience);
  // Takes what the client has to say, which would pile up; not for a reader's, which poll() serves.
  void serve() { rd_kafka_poll(client_, 0); }
  // Asks for a topic's metadata, or that of all. Fails early when brokers refuse the client at its first contact: they
  // would go on refusing.
  struct MetadataFree {
    void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
  };
  using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataFree>;
  Result<Metadata> metadata(const std::string* topic, std::string_view what, const Patience& patience);
  // What the client last met on its way to the brokers; empty: nothing yet. Serves it first, for a call that fails
  // tells less than what the client has to say.
  std::string last_trouble();
  bool has_met_trouble() const;

 private:
  struct Answer {
    rd_kafka_resp_err_t code;
    OffsetRange offsets;
  };

  KafkaClient() = default;
  Answer ask(const TopicPartition& at);
  std::optional<Answer> ask_aside(const TopicPartition& at, const Patience::Wait& wait);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* self);
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                           void* self);

  rd_kafka_t* client_ = nullptr;
  rd_kafka_type_t type_ = RD_KAFKA_CONSUMER;
  KafkaCallbacks callbacks_;
  bool proves_itself_by_scram_ = false;
  mutable std::mutex mutex_;
  std::string last_trouble_;   // guarded by mutex_
  bool is_refused_ = false;    // guarded by mutex_: what it met last was a refusal
  bool was_answered_ = false;  // guarded by mutex_
  std::set<std::string> met_;  // guarded by mutex_
  std::condition_variable answered_;
  int questions_ = 0;  // guarded by mutex_: that brokers have not answered yet
};

// As check_kafka_setting(), of the names that librdkafka knows.
Result<> try_setting(const std::string& name, const std::string& value);

// A list of partitions for librdkafka's calls.
struct PartitionList {
  explicit PartitionList(int size) : list(rd_kafka_topic_partition_list_new(size)) {}
  ~PartitionList() { rd_kafka_topic_partition_list_destroy(list); }
  PartitionList(const PartitionList&) = delete;
  PartitionList& operator=(const PartitionList&) = delete;
  void add(const TopicPartition& at, Offset offset) {
    rd_kafka_topic_partition_list_add(list, at.topic.c_str(), at.partition.value)->offset = offset.value;
  }
  rd_kafka_topic_partition_list_t* list;
};

int milliseconds_of(Duration duration);  // at least 0, at most a day

}  // namespace slipstream
