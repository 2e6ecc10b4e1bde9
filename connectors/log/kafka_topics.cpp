#include "connectors/log/kafka_topics.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>

#include "connectors/log/kafka_error.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookForTopicEvery(50);
// Beside key, value and headers: what the format of a record batch adds, with room.
constexpr std::int64_t kRecordOverhead = 4096;

template <class T, void (*kDestroy)(T*)>
struct Destroyed {
  void operator()(T* object) const { kDestroy(object); }
};
template <class T, void (*kDestroy)(T*)>
using Owned = std::unique_ptr<T, Destroyed<T, kDestroy>>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using Resource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

AdminOptions admin_options(rd_kafka_t* client, rd_kafka_admin_op_t operation, const Patience::Wait& wait) {
  AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, kReasonBytes> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds_of(wait.left()), reason.data(),
                                            reason.size());
  return options;
}

Result<Event> answer_of(const Queue& queue, const Patience::Wait& wait, std::string_view what) {
  Event event;
  while (event == nullptr && !wait.is_over())
    event.reset(rd_kafka_queue_poll(queue.get(), milliseconds_of(wait.piece())));
  if (event == nullptr) return tl::unexpected(kafka_error(RD_KAFKA_RESP_ERR__TIMED_OUT, what));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected(kafka_error(code, what, rd_kafka_event_error_string(event.get())));
  return event;
}

std::optional<std::int64_t> number_in(const char* text) {
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

void set_option(TopicOptions& options, std::string_view name, const char* value) {
  if (value == nullptr) return;
  // One that is deleted from too does not keep the latest of each key.
  if (name == "cleanup.policy")
    options.cleanup = std::string_view(value) == "compact" ? Cleanup::compact : Cleanup::retain;
  const auto number = number_in(value);
  if (!number || *number < 0) return;
  if (name == "retention.ms") options.retention = milliseconds(*number);
  if (name == "retention.bytes") options.retention_bytes = static_cast<std::uint64_t>(*number);
  if (name == "max.message.bytes")
    options.record_bytes_max =
        static_cast<std::uint64_t>(std::max<std::int64_t>(*number - kRecordOverhead, 0));
}

TopicOptions options_of(const rd_kafka_ConfigResource_t& resource, std::int32_t partitions) {
  TopicOptions options;
  options.name = rd_kafka_ConfigResource_name(&resource);
  options.partitions = partitions;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(&resource, &count);
  for (std::size_t i = 0; i < count; ++i)
    set_option(options, rd_kafka_ConfigEntry_name(entries[i]), rd_kafka_ConfigEntry_value(entries[i]));
  if (options.cleanup == Cleanup::compact) {  // these apply to what is deleted only
    options.retention = std::nullopt;
    options.retention_bytes = std::nullopt;
  }
  return options;
}

}  // namespace

// All topics, or one; a topic that does not exist is not among them.
Result<std::map<std::string, std::int32_t>> KafkaTopics::ask(const std::string* topic) {
  client_->serve();
  SLIPSTREAM_ASSIGN(
      const KafkaClient::Metadata metadata,
      client_->metadata(topic, "the brokers do not say which topics there are", *options_.patience));
  std::map<std::string, std::int32_t> topics;
  Result<> failed;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& each = metadata->topics[i];
    const std::string_view name(each.topic);
    if (name.starts_with("__")) continue;  // the brokers' own
    if (each.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED && topic != nullptr)
      failed = tl::unexpected(kafka_error(each.err, fmt::format("topic '{}' cannot be used", name)));
    if (each.err == RD_KAFKA_RESP_ERR_NO_ERROR || each.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
      topics.emplace(name, each.partition_cnt);
  }
  SLIPSTREAM_TRY(failed);
  const std::scoped_lock lock(mutex_);
  if (topic != nullptr) known_.erase(*topic);
  for (const auto& [name, partitions] : topics)
    known_[name] = partitions;
  return topics;
}

Result<std::int32_t> KafkaTopics::partitions_of(const std::string& topic) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = known_.find(topic); known != known_.end()) return known->second;
  }
  SLIPSTREAM_ASSIGN(const auto found, ask(&topic));
  const auto there = found.find(topic);
  if (there == found.end()) return unknown_topic(topic);
  return there->second;
}

Result<> KafkaTopics::check(const TopicPartition& at) {
  SLIPSTREAM_ASSIGN(std::int32_t partitions, partitions_of(at.topic));
  if (at.partition.value >= partitions) {  // more may have been added since
    SLIPSTREAM_ASSIGN(const auto found, ask(&at.topic));
    const auto there = found.find(at.topic);
    if (there == found.end()) return unknown_topic(at.topic);
    partitions = there->second;
  }
  if (at.partition.value < 0 || at.partition.value >= partitions)
    return unknown_partition(at.topic, at.partition, partitions);
  return {};
}

Result<> KafkaTopics::check(std::span<const OutputRecord> records) {
  for (const OutputRecord& record : records) {
    if (const std::size_t bytes = bytes_of(record); bytes > options_.record_bytes_max)
      return fail(ErrorCode::record_too_large,
                  fmt::format("a record for topic '{}' has {} bytes, more than the {} one record may have",
                              record.topic, bytes, options_.record_bytes_max));
    SLIPSTREAM_TRY(check(TopicPartition{record.topic, record.partition}));
  }
  return {};
}

Result<> KafkaTopics::create(const TopicOptions& options) {
  SLIPSTREAM_TRY(check_topic(options));
  SLIPSTREAM_ASSIGN(const auto existing, ask(&options.name));
  if (existing.contains(options.name)) {
    SLIPSTREAM_ASSIGN(const auto described, describe(existing));
    if (described.size() != 1 || described.front() != options) return topic_differs(options.name);
    return {};
  }
  std::array<char, kReasonBytes> reason{};
  const std::string what = fmt::format("topic '{}' cannot be created", options.name);
  NewTopic topic(rd_kafka_NewTopic_new(options.name.c_str(), options.partitions, options_.replication,
                                       reason.data(), reason.size()));
  if (topic == nullptr)
    return tl::unexpected(kafka_error(RD_KAFKA_RESP_ERR__INVALID_ARG, what, reason.data()));
  const std::pair<const char*, std::string> settings[] = {
      {"cleanup.policy", options.cleanup == Cleanup::compact ? "compact" : "delete"},
      {"retention.ms", std::to_string(options.retention ? options.retention->us / 1000 : -1)},
      {"retention.bytes", options.retention_bytes ? std::to_string(*options.retention_bytes) : "-1"},
      {"delete.retention.ms", std::to_string(kTombstoneRetention.us / 1000)},
      {"max.message.bytes", std::to_string(options_.record_bytes_max + kRecordOverhead)},
      {"message.timestamp.type", "CreateTime"},
  };
  for (const auto& [name, value] : settings)
    rd_kafka_NewTopic_set_config(topic.get(), name, value.c_str());
  const Queue queue(rd_kafka_queue_new(client_->get()));
  const Patience::Wait wait(*options_.patience);
  const AdminOptions admin = admin_options(client_->get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, wait);
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client_->get(), topics, 1, admin.get(), queue.get());
  SLIPSTREAM_ASSIGN(const Event event, answer_of(queue, wait, what));
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;  // somebody else was quicker
    const char* said = rd_kafka_topic_result_error_string(results[i]);
    return tl::unexpected(kafka_error(code, what, said == nullptr ? "" : said));
  }
  return wait_for(options);
}

// The controller has made it; the other brokers hear of it a little later.
Result<> KafkaTopics::wait_for(const TopicOptions& options) {
  const Patience::Wait wait(*options_.patience);
  while (!wait.is_over()) {
    SLIPSTREAM_ASSIGN(const auto found, ask(&options.name));
    const auto there = found.find(options.name);
    if (there != found.end() && there->second == options.partitions) return {};
    std::this_thread::sleep_for(kLookForTopicEvery);
  }
  return fail(ErrorCode::log_unavailable,
              fmt::format("topic '{}' was created, but the brokers do not show it yet; look again later",
                          options.name));
}

Result<std::vector<TopicOptions>> KafkaTopics::all() {
  SLIPSTREAM_ASSIGN(const auto topics, ask(nullptr));
  return describe(topics);
}

Result<std::vector<TopicOptions>> KafkaTopics::describe(const std::map<std::string, std::int32_t>& topics) {
  if (topics.empty()) return std::vector<TopicOptions>();
  std::vector<Resource> owned;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const auto& [name, partitions] : topics) {
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    resources.push_back(owned.back().get());
  }
  const std::string_view what = "the brokers do not describe their topics";
  const Queue queue(rd_kafka_queue_new(client_->get()));
  const Patience::Wait wait(*options_.patience);
  const AdminOptions admin = admin_options(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait);
  rd_kafka_DescribeConfigs(client_->get(), resources.data(), resources.size(), admin.get(), queue.get());
  SLIPSTREAM_ASSIGN(const Event event, answer_of(queue, wait, what));
  std::size_t count = 0;
  const auto* described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  std::vector<TopicOptions> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_ConfigResource_error(described[i]);
    // Deleted meanwhile, or others' business.
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
      continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(kafka_error(code, what));
    all.push_back(options_of(*described[i], topics.at(rd_kafka_ConfigResource_name(described[i]))));
  }
  return all;
}

}  // namespace slipstream
