#include "connectors/log/kafka_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "connectors/log/call_aside.h"
#include "connectors/log/kafka_error.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr Duration kDestroyMax = seconds(10);
constexpr Duration kQuestionMax = seconds(15);  // for offsets
constexpr auto kNoLeaderPause = std::chrono::milliseconds(50);
constexpr int kQuestionsMax = 16;  // at a time; those that were left behind are among them
// Older ones repeat their nonce in the last message, which Kafka 4 does not accept (librdkafka's pull request 4895).
constexpr int kScramAsKafka4Wants = 0x020601ff;

using Configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

Result<> set(rd_kafka_conf_t* configuration, const std::string& name, const std::string& value) {
  std::array<char, kReasonBytes> reason{};
  const auto result =
      rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), reason.data(), reason.size());
  if (result == RD_KAFKA_CONF_OK) return {};
  if (result == RD_KAFKA_CONF_UNKNOWN)
    return fail(ErrorCode::unknown_key,
                fmt::format("kafka.{}: librdkafka {} has no such setting; correct its name", name,
                            rd_kafka_version_str()));
  return fail(ErrorCode::invalid_value, fmt::format("kafka.{}: {}", name, reason.data()));
}

// Errors come back as values; librdkafka's lines on the standard error would say them again, less well.
void keep_quiet(const rd_kafka_t*, int, const char*, const char*) {}

bool has_no_leader_yet(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

}  // namespace

Result<std::shared_ptr<KafkaClient>> KafkaClient::open(rd_kafka_type_t type, const KafkaSettings& settings,
                                                       std::span<const KafkaSetting> own,
                                                       KafkaCallbacks callbacks) {
  Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  for (const auto& [name, value] : settings)
    SLIPSTREAM_TRY(set(configuration.get(), name, value));
  for (const auto& [name, value] : own)
    SLIPSTREAM_TRY(set(configuration.get(), std::string(name), value));
  std::shared_ptr<KafkaClient> made(new KafkaClient());
  made->type_ = type;
  for (const char* name : {"sasl.mechanism", "sasl.mechanisms"})
    if (const auto mechanism = settings.find(name); mechanism != settings.end())
      made->proves_itself_by_scram_ = mechanism->second.starts_with("SCRAM");
  made->callbacks_ = std::move(callbacks);
  rd_kafka_conf_set_opaque(configuration.get(), made.get());
  rd_kafka_conf_set_log_cb(configuration.get(), keep_quiet);
  rd_kafka_conf_set_error_cb(configuration.get(), on_error);
  if (made->callbacks_.reported != nullptr)
    rd_kafka_conf_set_dr_msg_cb(configuration.get(), made->callbacks_.reported);
  if (made->callbacks_.rebalanced) rd_kafka_conf_set_rebalance_cb(configuration.get(), on_rebalance);
  std::array<char, kReasonBytes> reason{};
  made->client_ = rd_kafka_new(type, configuration.get(), reason.data(), reason.size());
  if (made->client_ == nullptr)
    return fail(
        ErrorCode::invalid_value,
        fmt::format("the Kafka client cannot be made: {}; correct the kafka.* settings", reason.data()));
  (void)configuration.release();  // it is the client's now
  return made;
}

KafkaClient::~KafkaClient() {
  if (client_ == nullptr) return;
  // A consumer of assigned partitions has no group to leave. One whose topic is gone may never end (librdkafka's issues
  // 3007 and 3954): what does not end in time is left to itself.
  const int flags = type_ == RD_KAFKA_CONSUMER ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE : 0;
  const Patience patience(kDestroyMax);
  (void)call_aside(Patience::Wait(patience), [client = client_, flags] {
    rd_kafka_destroy_flags(client, flags);
    return true;
  });
}

void KafkaClient::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto& client = *static_cast<KafkaClient*>(self);
  const std::scoped_lock lock(client.mutex_);
  const bool is_aftermath = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !client.last_trouble_.empty();
  if (is_aftermath) return;  // what came before says why
  client.is_refused_ = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL;
  client.last_trouble_ =
      fmt::format("{} [{}]", reason, rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)));
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && client.proves_itself_by_scram_ &&
      rd_kafka_version() < kScramAsKafka4Wants)
    client.last_trouble_ += fmt::format(
        "; if user and password are right: librdkafka {} can prove itself by SCRAM to Kafka 3 only, from "
        "2.6.1 "
        "on to Kafka 4 too; use mutual TLS, or PLAIN over TLS",
        rd_kafka_version_str());
}

void KafkaClient::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                               rd_kafka_topic_partition_list_t* partitions, void* self) {
  static_cast<KafkaClient*>(self)->callbacks_.rebalanced(what, partitions);
}

Result<KafkaClient::Metadata> KafkaClient::metadata(const std::string* topic, std::string_view what,
                                                    const Patience& patience) {
  std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(nullptr,
                                                                              rd_kafka_topic_destroy);
  if (topic != nullptr) {
    handle.reset(rd_kafka_topic_new(client_, topic->c_str(), nullptr));
    if (handle == nullptr) return unknown_topic(*topic);
  }
  const Patience::Wait wait(patience);
  while (true) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code = rd_kafka_metadata(client_, topic == nullptr ? 1 : 0, handle.get(), &metadata,
                                        milliseconds_of(wait.piece()));
    const std::string trouble = last_trouble();
    const std::scoped_lock lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      was_answered_ = true;
      return Metadata(metadata);
    }
    const bool refuses = is_refused_ && !was_answered_;
    if (refuses || wait.is_over()) return tl::unexpected(kafka_error(code, what, trouble));
  }
}

Result<> KafkaClient::meet(const std::string& topic, const Patience& patience) {
  {
    const std::scoped_lock lock(mutex_);
    if (met_.contains(topic)) return {};
  }
  SLIPSTREAM_TRY(
      metadata(&topic, fmt::format("the brokers do not say where topic '{}' is", topic), patience));
  const std::scoped_lock lock(mutex_);
  met_.insert(topic);
  return {};
}

// The client lives as long.
KafkaClient::Answer KafkaClient::ask(const TopicPartition& at) {
  std::int64_t earliest = 0, end = 0;
  const auto code = rd_kafka_query_watermark_offsets(client_, at.topic.c_str(), at.partition.value, &earliest,
                                                     &end, milliseconds_of(kQuestionMax));
  const std::scoped_lock lock(mutex_);
  --questions_;
  answered_.notify_one();
  return {code, {Offset(earliest), Offset(end)}};
}

// Nullopt: there was no room for one more question, or no answer, within `wait`. librdkafka 2.0.2 does not return at all
// while a broker is silent.
std::optional<KafkaClient::Answer> KafkaClient::ask_aside(const TopicPartition& at,
                                                          const Patience::Wait& wait) {
  {
    std::unique_lock lock(mutex_);
    while (questions_ >= kQuestionsMax && !wait.is_over())
      answered_.wait_for(lock, std::chrono::microseconds(wait.piece().us));
    if (questions_ >= kQuestionsMax) return std::nullopt;
    ++questions_;
  }
  return call_aside(wait, [self = shared_from_this(), at] { return self->ask(at); });
}

// Between two leaders, or while a topic comes or goes, it is asked again.
Result<OffsetRange> KafkaClient::offsets(const TopicPartition& at, const Patience& patience) {
  serve();
  const Patience::Wait wait(patience);
  std::optional<Answer> answer = ask_aside(at, wait);
  while (answer && has_no_leader_yet(answer->code) && !wait.is_over()) {
    std::this_thread::sleep_for(kNoLeaderPause);
    answer = ask_aside(at, wait);
  }
  if (answer && answer->code == RD_KAFKA_RESP_ERR_NO_ERROR) return answer->offsets;
  return tl::unexpected(kafka_error(
      answer ? answer->code : RD_KAFKA_RESP_ERR__TIMED_OUT,
      fmt::format("the offsets of {} {} cannot be read", at.topic, at.partition.value), last_trouble()));
}

std::string KafkaClient::last_trouble() {
  serve();
  const std::scoped_lock lock(mutex_);
  return last_trouble_;
}

bool KafkaClient::has_met_trouble() const {
  const std::scoped_lock lock(mutex_);
  return !last_trouble_.empty();
}

Result<> try_setting(const std::string& name, const std::string& value) {
  const Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  return set(configuration.get(), name, value);
}

int milliseconds_of(Duration duration) {
  return static_cast<int>(std::clamp<std::int64_t>((duration.us + 999) / 1000, 0, 86'400'000));
}

}  // namespace slipstream
