#include "benchmarks/peers/native/topic_writer.h"

#include <fmt/format.h>

#include <cstdlib>

#include "engine/decode/encoder.h"

namespace slipstream::bench {
namespace {

[[noreturn]] void stop(std::string_view reason) {
  fmt::print(stderr, "the topic cannot be written: {}\n", reason);
  std::exit(EXIT_FAILURE);
}

void set(rd_kafka_conf_t* settings, const char* name, const std::string& value) {
  char reason[512];
  if (rd_kafka_conf_set(settings, name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
    stop(reason);
}

}  // namespace

TopicWriter::TopicWriter(const std::string& bootstrap_servers, std::string topic, int linger_ms)
    : topic_(std::move(topic)) {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  set(settings, "bootstrap.servers", bootstrap_servers);
  set(settings, "partitioner", "murmur2_random");
  set(settings, "linger.ms", std::to_string(linger_ms));
  set(settings, "batch.size", "262144");
  set(settings, "enable.idempotence", "true");
  set(settings, "log_level", "3");
  rd_kafka_conf_set_opaque(settings, this);
  rd_kafka_conf_set_dr_msg_cb(settings, [](rd_kafka_t*, const rd_kafka_message_t* message, void* writer) {
    static_cast<TopicWriter*>(writer)->acknowledged(*message);
  });
  char reason[512];
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason, sizeof reason));
  if (client_ == nullptr) stop(reason);
}

void TopicWriter::acknowledged(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(message.err));
  if (message._private != nullptr)
    on_probe_acknowledged({static_cast<const char*>(message.key), message.key_len});
}

void TopicWriter::send(const Event& event, bool probe) {
  auto value = encode_flatbuffers(event);
  if (!value) stop(value.error().message);
  while (true) {
    const auto code = rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                                        RD_KAFKA_V_KEY(event.subject.data(), event.subject.size()),
                                        RD_KAFKA_V_VALUE(value->data(), value->size()),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                        RD_KAFKA_V_OPAQUE(probe ? this : nullptr), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) stop(rd_kafka_err2str(code));
    rd_kafka_poll(client_.get(), 50);
  }
  poll();
}

void TopicWriter::poll() { rd_kafka_poll(client_.get(), 0); }

void TopicWriter::finish() {
  if (rd_kafka_flush(client_.get(), 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    stop("the broker has not taken everything");
}

}  // namespace slipstream::bench
