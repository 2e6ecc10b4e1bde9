// Writes events to a topic by librdkafka, keyed and partitioned as Kafka's own clients do. One thread; whatever goes wrong ends
// the process with a message.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/decode/event.h"

namespace slipstream::bench {

class TopicWriter {
 public:
  // `linger_ms`: how long records wait for others of their partition.
  TopicWriter(const std::string& bootstrap_servers, std::string topic, int linger_ms);

  // Called with the keys of events sent with `probe`, once the broker has acknowledged them.
  std::function<void(std::string_view)> on_probe_acknowledged;

  void send(const Event& event, bool probe = false);
  void poll();
  void finish();  // returns when the broker has acknowledged everything

 private:
  struct Destroy {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };

  void acknowledged(const rd_kafka_message_t& message);

  const std::string topic_;
  std::unique_ptr<rd_kafka_t, Destroy> client_;
};

}  // namespace slipstream::bench
