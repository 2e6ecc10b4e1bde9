#include "connectors/log/kafka_membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/log/kafka_error.h"

namespace slipstream {
namespace {

constexpr int kListenMs = 100;

// Unless the user has set others: how long an instance may be silent before its shards are given away, how soon
// it hears that they are shared out anew, and how soon that the topic has been given more partitions.
constexpr std::pair<const char*, const char*> kDefaults[] = {{"session.timeout.ms", "10000"},
                                                             {"heartbeat.interval.ms", "500"},
                                                             {"topic.metadata.refresh.interval.ms", "10000"}};

// What waiting does not mend.
bool is_final(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::unique_ptr<Membership>> KafkaMembership::join(const KafkaLogOptions& options,
                                                          const std::string& topic, const std::string& group,
                                                          const std::string& name) {
  std::unique_ptr<KafkaMembership> member(new KafkaMembership());
  KafkaSettings settings = options.settings;
  for (const auto& [key, value] : kDefaults)
    settings.emplace(key, value);
  // Members are sorted by their ids, which begin with this.
  const auto client_id = settings.find("client.id");
  settings["client.id"] =
      client_id == settings.end() ? "slipstream-" + name : fmt::format("{}-{}", client_id->second, name);
  const KafkaSetting own[] = {{"group.id", group},
                              {"partition.assignment.strategy", "range"},
                              {"enable.auto.commit", "false"},
                              {"enable.auto.offset.store", "false"},
                              {"allow.auto.create.topics", "false"}};
  const auto rebalanced = [self = member.get()](rd_kafka_resp_err_t what,
                                                rd_kafka_topic_partition_list_t* partitions) {
    self->on_rebalance(what, partitions);
  };
  SLIPSTREAM_ASSIGN(member->client_,
                    KafkaClient::open(RD_KAFKA_CONSUMER, settings, own, {nullptr, rebalanced}));
  rd_kafka_poll_set_consumer(member->client_->get());
  SLIPSTREAM_TRY(member->subscribe(topic));
  member->thread_ = std::thread([self = member.get()] { self->serve(); });
  return member;
}

KafkaMembership::~KafkaMembership() { leave(); }

Result<> KafkaMembership::subscribe(const std::string& topic) {
  PartitionList topics(1);
  rd_kafka_topic_partition_list_add(topics.list, topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(client_->get(), topics.list);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return tl::unexpected(kafka_error(code, fmt::format("the group of topic '{}' cannot be joined", topic)));
}

void KafkaMembership::serve() {
  while (!leaving_.load()) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client_->get(), kListenMs);
    if (message == nullptr) continue;
    take(*message);
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(client_->get());  // calls on_rebalance() for what is given back
}

void KafkaMembership::take(const rd_kafka_message_t& message) {
  if (!is_final(message.err)) return;  // librdkafka goes on trying
  std::array<char, 512> reason{};
  const auto fatal = rd_kafka_fatal_error(client_->get(), reason.data(), reason.size());
  const auto code = fatal == RD_KAFKA_RESP_ERR_NO_ERROR ? message.err : fatal;
  const char* said = reason[0] != '\0' ? reason.data() : rd_kafka_message_errstr(&message);
  Error error = kafka_error(code, "the consumer group shuts this instance out", said == nullptr ? "" : said);
  if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
    error = {
        ErrorCode::fenced,
        "another instance has joined the group with the same kafka.group.instance.id; give each its own"};
  shut_out(std::move(error));
}

void KafkaMembership::shut_out(Error error) {
  const std::scoped_lock lock(mutex_);
  if (!shut_out_) shut_out_ = std::move(error);
}

// Of what is given back nothing is said: those shards work on until the next assignment tells which of them
// have moved. Whoever runs a moved one has fenced this instance.
void KafkaMembership::on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(client_->get(), nullptr);
    return;
  }
  std::set<Partition> shards;
  for (int i = 0; i < partitions->cnt; ++i) {
    partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
    shards.insert(Partition(partitions->elems[i].partition));
  }
  rd_kafka_assign(client_->get(), partitions);
  rd_kafka_pause_partitions(client_->get(), partitions);
  const std::scoped_lock lock(mutex_);
  assignment_ = {assignment_.generation + 1, std::move(shards)};
}

Result<Assignment> KafkaMembership::assignment() {
  const std::scoped_lock lock(mutex_);
  if (shut_out_) return tl::unexpected(*shut_out_);
  return assignment_;
}

void KafkaMembership::leave() {
  leaving_.store(true);
  if (thread_.joinable()) thread_.join();
}

Result<std::unique_ptr<Membership>> join_kafka_group(const KafkaLogOptions& options, const std::string& topic,
                                                     const std::string& group, const std::string& name) {
  return KafkaMembership::join(options, topic, group, name);
}

}  // namespace slipstream
