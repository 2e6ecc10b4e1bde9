#include "connectors/log/kafka_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>

#include "connectors/log/kafka_client.h"
#include "connectors/log/kafka_error.h"
#include "connectors/log/kafka_positions.h"
#include "connectors/log/kafka_producer.h"
#include "connectors/log/kafka_reader.h"
#include "connectors/log/kafka_topics.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

// What the log's promises rest on: the user cannot choose it.
constexpr std::array kOwnSettings{
    std::string_view("transactional.id"),
    std::string_view("transaction.timeout.ms"),
    std::string_view("enable.idempotence"),
    std::string_view("enable.auto.commit"),
    std::string_view("enable.auto.offset.store"),
    std::string_view("enable.partition.eof"),
    std::string_view("isolation.level"),
    std::string_view("auto.offset.reset"),
    std::string_view("allow.auto.create.topics"),
    std::string_view("group.id"),
    // What is held in memory, and for how long.
    std::string_view("message.max.bytes"),
    std::string_view("message.timeout.ms"),
    std::string_view("delivery.timeout.ms"),
    std::string_view("linger.ms"),
    std::string_view("queue.buffering.max.ms"),
    std::string_view("queue.buffering.max.messages"),
    std::string_view("queue.buffering.max.kbytes"),
    std::string_view("queued.max.messages.kbytes"),
    std::string_view("fetch.message.max.bytes"),
    std::string_view("max.partition.fetch.bytes"),
    std::string_view("fetch.max.bytes"),
    std::string_view("fetch.wait.max.ms"),
    std::string_view("receive.message.max.bytes"),
    std::string_view("statistics.interval.ms"),
    std::string_view("log.queue"),
    std::string_view("enabled_events"),
};

// A commit is acknowledged before its marks are everywhere: what was acknowledged before the end of a
// partition is asked for is before it. A transaction that hangs is ended by the brokers meanwhile.
constexpr std::chrono::milliseconds kLookEvery(2);

class KafkaLog final : public EventLog {
 public:
  KafkaLog(const KafkaLogOptions& options, std::shared_ptr<KafkaClient> committed_reader,
           std::shared_ptr<KafkaClient> everything_reader)
      : options_(options),
        committed_reader_(std::move(committed_reader)),
        everything_reader_(std::move(everything_reader)),
        topics_(committed_reader_, options_),
        appender_identity_(unique_identity(options_.prefix)) {}

  Result<> create_topic(const TopicOptions& options) override { return topics_.create(options); }
  Result<std::vector<TopicOptions>> topics() override { return topics_.all(); }

  Result<OffsetRange> offsets(const TopicPartition& at) override {
    SLIPSTREAM_TRY(topics_.check(at));
    SLIPSTREAM_ASSIGN(const OffsetRange written, ask_offsets(*everything_reader_, at));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(kUndecidedMax.us);
    while (true) {
      SLIPSTREAM_ASSIGN(const OffsetRange committed, ask_offsets(*committed_reader_, at));
      if (committed.end >= written.end) return committed;
      if (std::chrono::steady_clock::now() > until) return undecided(at, committed.end);
      std::this_thread::sleep_for(kLookEvery);
    }
  }

  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    if (records.empty()) return std::vector<Offset>();
    const std::scoped_lock lock(appending_);
    if (appender_ == nullptr) {
      SLIPSTREAM_ASSIGN(appender_, KafkaProducer::open(appender_identity_, topics_, options_));
    }
    auto offsets = appender_->commit({{records.begin(), records.end()}, "", "", {}, ""});
    if (!appender_->is_usable()) appender_.reset();  // the next call ends what it left open
    return offsets;
  }

  Result<std::unique_ptr<Producer>> open_producer(std::string_view identity) override {
    std::string full(identity);
    if (!full.starts_with(options_.prefix)) full.insert(0, options_.prefix);
    SLIPSTREAM_ASSIGN(auto producer, KafkaProducer::open(std::move(full), topics_, options_));
    return std::unique_ptr<Producer>(std::move(producer));
  }

  Result<std::unique_ptr<Reader>> try_open_reader() { return KafkaReader::open(topics_, options_); }
  std::unique_ptr<Reader> open_reader() override;

  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return read_positions(group, member, topics_, *everything_reader_, options_);
  }

  // Brokers clean in their own time.
  Result<std::uint64_t> clean(Timestamp) override { return 0; }

 private:
  Result<OffsetRange> ask_offsets(KafkaClient& client, const TopicPartition& at) const {
    client.serve();
    std::int64_t earliest = 0, end = 0;
    const auto code =
        rd_kafka_query_watermark_offsets(client.get(), at.topic.c_str(), at.partition.value, &earliest, &end,
                                         milliseconds_of(options_.answer_wait_max));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected(
          kafka_error(code, fmt::format("the offsets of {} {} cannot be read", at.topic, at.partition.value),
                      client.last_trouble()));
    return OffsetRange{Offset(earliest), Offset(end)};
  }

  static std::string unique_identity(const std::string& prefix) {
    std::random_device random;
    return fmt::format("{}slipstream-append-{:08x}{:08x}{:08x}", prefix, random(), random(), random());
  }

  const KafkaLogOptions options_;
  const std::shared_ptr<KafkaClient> committed_reader_;
  const std::shared_ptr<KafkaClient> everything_reader_;
  KafkaTopics topics_;
  const std::string appender_identity_;
  std::mutex appending_;
  std::unique_ptr<KafkaProducer> appender_;  // guarded by appending_
};

// A reader that could not be made says so when it is used.
class FailedReader final : public Reader {
 public:
  explicit FailedReader(Error error) : error_(std::move(error)) {}
  Result<> seek(const TopicPartition&, Offset) override { return tl::unexpected(error_); }
  void remove(const TopicPartition&) override {}
  Result<std::vector<ReadBatch>> poll(std::size_t, std::size_t, Duration) override {
    return tl::unexpected(error_);
  }

 private:
  const Error error_;
};

std::unique_ptr<Reader> KafkaLog::open_reader() {
  auto reader = try_open_reader();
  if (!reader) return std::make_unique<FailedReader>(reader.error());
  return *std::move(reader);
}

Result<std::shared_ptr<KafkaClient>> open_consumer(const KafkaSettings& settings,
                                                   std::string_view isolation) {
  const KafkaSetting own[] = {{"group.id", "slipstream-offsets"},
                              {"enable.auto.commit", "false"},
                              {"isolation.level", std::string(isolation)},
                              {"allow.auto.create.topics", "false"}};
  return KafkaClient::open(RD_KAFKA_CONSUMER, settings, own);
}

}  // namespace

std::vector<std::string> kafka_setting_names() {
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  std::size_t count = 0;
  const char** dump = rd_kafka_conf_dump(configuration, &count);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; i += 2)
    names.emplace_back(dump[i]);
  rd_kafka_conf_dump_free(dump, count);
  rd_kafka_conf_destroy(configuration);
  // Without a default they are not in the dump.
  for (const char* name : {"bootstrap.servers",
                           "sasl.username",
                           "sasl.password",
                           "ssl.ca.location",
                           "ssl.ca.pem",
                           "ssl.certificate.location",
                           "ssl.certificate.pem",
                           "ssl.key.location",
                           "ssl.key.pem",
                           "ssl.key.password",
                           "ssl.keystore.location",
                           "ssl.keystore.password",
                           "ssl.crl.location",
                           "ssl.cipher.suites",
                           "ssl.curves.list",
                           "ssl.sigalgs.list",
                           "ssl.engine.location",
                           "client.rack",
                           "group.instance.id",
                           "debug",
                           "plugin.library.paths"})
    names.emplace_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool is_kafka_setting(const std::string& name) {
  const auto tried = try_setting(name, "");
  return tried || tried.error().code != ErrorCode::unknown_key;
}

Result<> check_kafka_setting(const std::string& name, const std::string& value) {
  if (std::find(kOwnSettings.begin(), kOwnSettings.end(), name) != kOwnSettings.end())
    return fail(
        ErrorCode::invalid_value,
        fmt::format("kafka.{}: exactly once rests on it, so it cannot be chosen; leave it out", name));
  return try_setting(name, value);
}

Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options) {
  for (const auto& [name, value] : options.settings)
    SLIPSTREAM_TRY(check_kafka_setting(name, value));
  SLIPSTREAM_ASSIGN(auto committed, open_consumer(options.settings, "read_committed"));
  SLIPSTREAM_ASSIGN(auto everything, open_consumer(options.settings, "read_uncommitted"));
  SLIPSTREAM_TRY(KafkaProducer::check_settings(options));
  return std::make_unique<KafkaLog>(options, std::move(committed), std::move(everything));
}

Result<> create_positions_topic(EventLog& log, const KafkaLogOptions& options, std::int32_t partitions) {
  return log.create_topic({options.positions_topic, partitions, Cleanup::compact, {}, {}});
}

}  // namespace slipstream
