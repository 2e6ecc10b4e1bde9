// Fills a topic with the events of a job, and writes down what counts of each for the recompute, in the order sent.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "benchmarks/peers/native/filling.h"
#include "engine/decode/encoder.h"

namespace slipstream::bench {
namespace {

[[noreturn]] void stop(std::string_view reason) {
  fmt::print(stderr, "peers_fill: {}\n", reason);
  std::exit(EXIT_FAILURE);
}

void set(rd_kafka_conf_t* settings, const char* name, const char* value) {
  char reason[512];
  if (rd_kafka_conf_set(settings, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) stop(reason);
}

class Producer {
 public:
  Producer(const std::string& bootstrap_servers, std::string topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", bootstrap_servers.c_str());
    set(settings, "partitioner", "murmur2_random");
    set(settings, "linger.ms", "50");
    set(settings, "batch.size", "262144");
    set(settings, "enable.idempotence", "true");
    set(settings, "log_level", "3");
    rd_kafka_conf_set_dr_msg_cb(settings, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(message->err));
    });
    char reason[512];
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason, sizeof reason));
    if (client_ == nullptr) stop(reason);
  }

  void send(std::string_view key, std::string& value) {
    while (true) {
      const auto code = rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                                          RD_KAFKA_V_KEY(key.data(), key.size()),
                                          RD_KAFKA_V_VALUE(value.data(), value.size()),
                                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) stop(rd_kafka_err2str(code));
      rd_kafka_poll(client_.get(), 50);
    }
    rd_kafka_poll(client_.get(), 0);
  }

  void finish() {
    if (rd_kafka_flush(client_.get(), 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
      stop("the broker has not taken everything");
  }

 private:
  struct Destroy {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };

  const std::string topic_;
  std::unique_ptr<rd_kafka_t, Destroy> client_;
};

void fill(Producer& producer, Filling& filling, std::uint64_t events, std::FILE* record) {
  Event event;
  for (std::uint64_t index = 0; index < events; ++index) {
    const std::string_view counts = filling.write(index, event);
    auto bytes = encode_flatbuffers(event);
    if (!bytes) stop(bytes.error().message);
    producer.send(event.subject, *bytes);
    if (std::fwrite(counts.data(), 1, counts.size(), record) != counts.size())
      stop("the record cannot be written");
  }
  producer.finish();
}

}  // namespace
}  // namespace slipstream::bench

int main(int argc, char** argv) {
  using namespace slipstream::bench;
  CLI::App app("Fills a topic with the events of a job");
  std::string bootstrap_servers, topic, record_path, job;
  ReadingShape shape;
  app.add_option("--bootstrap-servers", bootstrap_servers)->required();
  app.add_option("--topic", topic, "it is there already")->required();
  app.add_option("--record", record_path, "where what counts is written down")->required();
  app.add_option("--events", shape.events)->required();
  app.add_option("--job", job, "readings, late or tasks")
      ->required()
      ->check(CLI::IsMember({"readings", "late", "tasks"}));
  app.add_option("--sensors", shape.sensors, "not of tasks");
  app.add_flag("--skewed", shape.skewed, "a third of the events of a hundredth of the sensors");
  CLI11_PARSE(app, argc, argv);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> record(std::fopen(record_path.c_str(), "wb"),
                                                               &std::fclose);
  if (record == nullptr) stop("cannot write " + record_path);
  shape.late = job == "late";
  Producer producer(bootstrap_servers, topic);
  const auto filling = job == "tasks" ? tasks_of(shape.events) : readings_of(shape);
  fill(producer, *filling, shape.events, record.get());
  return EXIT_SUCCESS;
}
