// Reading from Kafka: one consumer with assigned partitions, a queue for each. Belongs to one thread.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "connectors/log/arrivals.h"
#include "connectors/log/kafka_client.h"
#include "connectors/log/kafka_topics.h"
#include "engine/log/event_log.h"
#include "engine/log/poll_turns.h"

namespace slipstream {

// A message as librdkafka gave it, freed with its owner.
struct MessageFree {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, MessageFree>;

// Consumers that are connected and read nothing, for the next readers: to connect takes as long as to read a little, and a
// shard that is taken over opens several readers one after another.
class IdleConsumers {
 public:
  std::shared_ptr<KafkaClient> take();  // null: there is none
  void give_back(std::shared_ptr<KafkaClient> client);

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<KafkaClient>> clients_;  // guarded by mutex_
};

class KafkaReader final : public Reader {
 public:
  // All three outlive the reader.
  static Result<std::unique_ptr<Reader>> open(KafkaTopics& topics, IdleConsumers& idle,
                                              const KafkaLogOptions& options);
  ~KafkaReader() override;

  Result<> seek(const TopicPartition& at, Offset offset) override;
  void remove(const TopicPartition& at) override;
  Result<std::vector<ReadBatch>> poll(std::size_t records_max, std::size_t bytes_max, Duration wait) override;

 private:
  struct QueueFree {
    void operator()(rd_kafka_queue_t* queue) const;
  };
  struct Place {
    TopicPartition at;
    Offset next;
    std::unique_ptr<rd_kafka_queue_t, QueueFree> queue;
    std::deque<Message> fetched;
    std::optional<Error> failure;  // until the next seek
  };

  struct BatchMemory;

  KafkaReader(KafkaTopics& topics, IdleConsumers& idle, const KafkaLogOptions& options,
              std::shared_ptr<KafkaClient> client)
      : topics_(topics),
        idle_(idle),
        options_(options),
        client_(std::move(client)),
        arrivals_(std::make_unique<Arrivals>()) {}

  Result<std::optional<ReadBatch>> take(Place& place, PollLimits& limits);
  bool fetch(Place& place);
  void go_on_fetching(Place& place);
  bool read_on(Place& place, PollLimits& limits, ReadBatch& batch, BatchMemory& memory);

  KafkaTopics& topics_;
  IdleConsumers& idle_;
  const KafkaLogOptions& options_;
  std::shared_ptr<KafkaClient> client_;
  const std::unique_ptr<Arrivals> arrivals_;
  std::vector<Place> places_;
  std::size_t first_ = 0;  // whose turn comes first in the next poll
  bool has_failed_ = false;
};

}  // namespace slipstream
