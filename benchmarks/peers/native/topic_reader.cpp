#include "benchmarks/peers/native/topic_reader.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace slipstream::bench {
namespace {

constexpr int kAnswerMs = 30'000;
constexpr int kWaitMs = 100;
constexpr std::size_t kBatch = 10'000;

[[noreturn]] void stop(std::string_view reason) {
  fmt::print(stderr, "the topic cannot be read: {}\n", reason);
  std::exit(EXIT_FAILURE);
}

void check(rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) stop(rd_kafka_err2str(code));
}

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;

Client make_client(const std::string& bootstrap_servers) {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  char reason[512];
  for (const auto& [name, value] :
       std::array<std::pair<const char*, const char*>, 5>{{{"bootstrap.servers", bootstrap_servers.c_str()},
                                                           {"group.id", "none"},
                                                           {"enable.auto.commit", "false"},
                                                           {"fetch.message.max.bytes", "8388608"},
                                                           {"queued.min.messages", "100000"}}})
    if (rd_kafka_conf_set(settings, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) stop(reason);
  Client client(rd_kafka_new(RD_KAFKA_CONSUMER, settings, reason, sizeof reason), &rd_kafka_destroy);
  if (client == nullptr) stop(reason);
  return client;
}

std::int32_t partitions_of(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  check(rd_kafka_metadata(client, 0, topic, &metadata, kAnswerMs));
  const std::int32_t partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return partitions;
}

}  // namespace

std::uint64_t read_topic(const std::string& bootstrap_servers, const std::string& name,
                         const std::function<void(std::string_view)>& take) {
  const Client client = make_client(bootstrap_servers);
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> topic(
      rd_kafka_topic_new(client.get(), name.c_str(), nullptr), &rd_kafka_topic_destroy);
  const Queue queue(rd_kafka_queue_new(client.get()), &rd_kafka_queue_destroy);
  const std::int32_t partitions = partitions_of(client.get(), topic.get());
  std::uint64_t left = 0;
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    std::int64_t first = 0;
    std::int64_t end = 0;
    check(rd_kafka_query_watermark_offsets(client.get(), name.c_str(), partition, &first, &end, kAnswerMs));
    left += static_cast<std::uint64_t>(end - first);
    if (rd_kafka_consume_start_queue(topic.get(), partition, first, queue.get()) != 0)
      check(rd_kafka_last_error());
  }
  const std::uint64_t records = left;
  std::array<rd_kafka_message_t*, kBatch> batch{};
  while (left > 0) {
    const auto got = rd_kafka_consume_batch_queue(queue.get(), kWaitMs, batch.data(), batch.size());
    if (got < 0) check(rd_kafka_last_error());
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      check(batch[i]->err);
      take({static_cast<const char*>(batch[i]->payload), batch[i]->len});
      rd_kafka_message_destroy(batch[i]);
    }
    left -= static_cast<std::uint64_t>(got);
  }
  for (std::int32_t partition = 0; partition < partitions; ++partition)
    rd_kafka_consume_stop(topic.get(), partition);
  return records;
}

}  // namespace slipstream::bench
