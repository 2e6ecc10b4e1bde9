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

namespace slipstream {
namespace {

// What the log sets itself: exactly once rests on it, or its bounds of memory and of waiting.
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
    std::string_view("partition.assignment.strategy"),
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
// A transaction that nobody ends is ended by the brokers before (transaction.timeout.ms, and how often they look).
constexpr Duration kUndecidedMax = seconds(90);

tl::unexpected<Error> undecided(const TopicPartition& at, Offset from) {
  return fail(
      ErrorCode::log_unavailable,
      fmt::format("{} {} has had an undecided transaction at offset {} for more than {} s; are its brokers "
                  "well?",
                  at.topic, at.partition.value, from.value, kUndecidedMax.us / 1'000'000));
}

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
    SLIPSTREAM_ASSIGN(const OffsetRange written, everything_reader_->offsets(at, *options_.patience));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(kUndecidedMax.us);
    while (true) {
      SLIPSTREAM_ASSIGN(const OffsetRange committed, committed_reader_->offsets(at, *options_.patience));
      if (committed.end >= written.end) return committed;
      if (std::chrono::steady_clock::now() > until) return undecided(at, committed.end);
      if (options_.patience->has_ended()) return waited_enough(at);
      std::this_thread::sleep_for(kLookEvery);
    }
  }

  Result<std::vector<Offset>> append(std::span<const OutputRecord> records) override {
    if (records.empty()) return std::vector<Offset>();
    const std::scoped_lock lock(appending_);
    if (appender_ == nullptr) {
      SLIPSTREAM_ASSIGN(appender_, options_.appends_in_transactions
                                       ? KafkaProducer::open(appender_identity_, topics_, options_)
                                       : KafkaProducer::open_without_transactions(topics_, options_));
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

  Result<std::unique_ptr<Reader>> try_open_reader() {
    return KafkaReader::open(topics_, idle_consumers_, options_);
  }
  std::unique_ptr<Reader> open_reader() override;

  Result<CommittedPositions> committed(std::string_view group, std::string_view member) override {
    return read_positions(group, member, *this, *everything_reader_, topics_, options_);
  }

  // Brokers clean in their own time.
  Result<std::uint64_t> clean(Timestamp) override { return 0; }

 private:
  static std::string unique_identity(const std::string& prefix) {
    std::random_device random;
    return fmt::format("{}slipstream-append-{:08x}{:08x}{:08x}", prefix, random(), random(), random());
  }

  const KafkaLogOptions options_;
  const std::shared_ptr<KafkaClient> committed_reader_;
  const std::shared_ptr<KafkaClient> everything_reader_;
  KafkaTopics topics_;
  IdleConsumers idle_consumers_;
  const std::string appender_identity_;
  std::mutex appending_;
  std::unique_ptr<KafkaProducer> appender_;  // guarded by appending_
};

// Making a reader cannot fail by the interface; one that could not be made, for want of threads, says so when it is
// used.
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

std::string kafka_library_version() { return rd_kafka_version_str(); }

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
                           "debug"})
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
        fmt::format(
            "kafka.{}: the log sets it itself, for exactly once or its memory rests on it; leave it out",
            name));
  return try_setting(name, value);
}

Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options) {
  for (const auto& [name, value] : options.settings)
    SLIPSTREAM_TRY(check_kafka_setting(name, value));
  SLIPSTREAM_ASSIGN(auto committed, open_consumer(options.settings, "read_committed"));
  SLIPSTREAM_ASSIGN(auto everything, open_consumer(options.settings, "read_uncommitted"));
  SLIPSTREAM_TRY(KafkaProducer::check_settings(options));
  auto log = std::make_unique<KafkaLog>(options, std::move(committed), std::move(everything));
  SLIPSTREAM_TRY(log->try_open_reader());
  return log;
}

}  // namespace slipstream
