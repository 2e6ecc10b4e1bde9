#include "connectors/log/kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "connectors/log/call_aside.h"
#include "connectors/log/kafka_error.h"
#include "connectors/log/kafka_positions.h"
#include "engine/base/crash_point.h"
#include "engine/log/topic_rules.h"

namespace slipstream {
namespace {

constexpr int kServeMs = 20;
constexpr int kPurgedMs = 15'000;  // for the reports of what was purged, which need no broker
// For an abort to begin, which needs no broker either: however little patience is left. librdkafka 2.0.2 ends the process
// when a client is closed that is still adding partitions to a transaction (docs/design/kafka-log.md).
constexpr int kAbortBegunMs = 1'000;
// The longest that an open transaction of a producer that died holds readers up; longer than a commit waits
// in all (records, offsets, the end: thrice the log's patience), or a slow one would be taken for fenced.
constexpr std::string_view kTransactionTimeoutMs = "60000";
constexpr std::size_t kBatchOverheadBytes = 65536;

rd_kafka_headers_t* headers_of(const OutputRecord& record) {
  if (record.headers.empty()) return nullptr;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const Header& header : record.headers)
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  return headers;
}

// Calls what brokers have not answered yet, or for the moment only refuse, again, piece after piece: `call` takes up
// where it was left, and an end of patience is noticed.
template <class Call>
rd_kafka_error_t* in_pieces(const Patience& patience, const Call& call) {
  const Patience::Wait wait(patience);
  while (true) {
    rd_kafka_error_t* error = call(milliseconds_of(wait.piece()));
    if (error == nullptr || rd_kafka_error_is_retriable(error) == 0 || wait.is_over()) return error;
    rd_kafka_error_destroy(error);
    std::this_thread::sleep_for(std::chrono::milliseconds(kServeMs));
  }
}

}  // namespace

// Where a record came to be, once the brokers have said so.
struct KafkaProducer::Slot {
  Offset offset{-1};
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__IN_PROGRESS;
};

void KafkaProducer::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto& slot = *static_cast<Slot*>(message->_private);
  slot.error = message->err;
  slot.offset = Offset(message->offset);
}

Result<std::shared_ptr<KafkaClient>> KafkaProducer::make_client(const std::string& identity,
                                                                const KafkaLogOptions& options) {
  const KafkaSetting own[] = {
      identity.empty() ? KafkaSetting{"enable.idempotence", "true"}
                       : KafkaSetting{"transactional.id", identity},
      {"transaction.timeout.ms", std::string(kTransactionTimeoutMs)},
      {"message.timeout.ms", std::string(kTransactionTimeoutMs)},
      {"allow.auto.create.topics", "false"},
      {"message.max.bytes", std::to_string(options.record_bytes_max + kBatchOverheadBytes)},
      {"queue.buffering.max.messages", "10000000"},
      {"queue.buffering.max.kbytes", std::to_string(kCommitBytesMax / 1024)},
      {"linger.ms", "1"},
  };
  return KafkaClient::open(RD_KAFKA_PRODUCER, options.settings, own, {on_report});
}

Result<> KafkaProducer::check_settings(const KafkaLogOptions& options) {
  SLIPSTREAM_ASSIGN(const auto tried, make_client("slipstream-settings", options));
  return {};
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open(std::string identity, KafkaTopics& topics,
                                                           const KafkaLogOptions& options) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(std::move(identity), topics, options));
  SLIPSTREAM_ASSIGN(producer->client_, make_client(producer->identity_, options));
  const std::string what = fmt::format("producer '{}' cannot begin", producer->identity_);
  if (rd_kafka_error_t* error = in_pieces(*options.patience, [&](int ms) {
        return rd_kafka_init_transactions(producer->client_->get(), ms);
      }))
    return tl::unexpected(kafka_error(error, what, producer->client_->last_trouble()));
  return producer;
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open_without_transactions(
    KafkaTopics& topics, const KafkaLogOptions& options) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer("", topics, options));
  SLIPSTREAM_ASSIGN(producer->client_, make_client("", options));
  return producer;
}

// A transaction whose outcome is unknown must not be followed by another of the same epoch
// (docs/design/kafka-log.md).
Error KafkaProducer::give_up(Error error) {
  std::array<char, 512> reason{};
  const auto fatal = rd_kafka_fatal_error(client_->get(), reason.data(), reason.size());
  if (is_fenced(fatal)) error = producer_fenced(identity_).value();
  failure_ = error;
  return error;
}

// Null: it went well. Else the transaction is ended as far as the brokers can be reached.
Result<> KafkaProducer::end(rd_kafka_error_t* error, std::string_view what) {
  if (error == nullptr) return {};
  const bool can_abort = rd_kafka_error_txn_requires_abort(error) != 0;
  Error said = kafka_error(error, what);
  if (can_abort) {
    if (rd_kafka_error_t* abort = abort_written()) {
      const Error second = kafka_error(abort, what);
      if (second.code == ErrorCode::fenced) said = second;
    }
  }
  return tl::unexpected(give_up(std::move(said)));
}

Result<> KafkaProducer::send(const OutputRecord& record, Slot& slot) {
  const std::string_view value = record.value ? std::string_view(*record.value) : std::string_view();
  while (true) {
    rd_kafka_headers_t* headers = headers_of(record);
    // A null value is a tombstone; an empty one is not null.
    const void* bytes = record.value ? static_cast<const void*>(value.data()) : nullptr;
    const auto code = rd_kafka_producev(
        client_->get(), RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition.value),
        RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
        RD_KAFKA_V_VALUE(const_cast<void*>(bytes), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_TIMESTAMP(record.timestamp.us / 1000), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_OPAQUE(&slot), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (headers != nullptr) rd_kafka_headers_destroy(headers);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return tl::unexpected(
          kafka_error(code, fmt::format("a record for topic '{}' cannot be sent", record.topic)));
    rd_kafka_poll(client_->get(), kServeMs);
  }
}

// For lag monitors and autoscalers alone: nothing reads them back. librdkafka 2.0.2 does not return while the
// coordinator is silent; one that was left behind can only write into a transaction that is never committed.
Result<> KafkaProducer::send_offsets(const Transaction& transaction) {
  if (transaction.next.empty()) return {};
  const auto offsets = std::make_shared<PartitionList>(static_cast<int>(transaction.next.size()));
  for (const auto& [at, next] : transaction.next)
    offsets->add(at, next);
  const Patience::Wait wait(*options_.patience);
  const int wait_ms = milliseconds_of(wait.left());
  auto sent = call_aside(wait, [client = client_, offsets, group = transaction.group, wait_ms] {
    rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata_new(group.c_str());
    rd_kafka_error_t* error =
        rd_kafka_send_offsets_to_transaction(client->get(), offsets->list, metadata, wait_ms);
    rd_kafka_consumer_group_metadata_destroy(metadata);
    return std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)>(error,
                                                                                rd_kafka_error_destroy);
  });
  const std::string what = fmt::format("the positions of group '{}' cannot be committed", transaction.group);
  if (sent) return end(sent->release(), what);
  return tl::unexpected(give_up(kafka_error(RD_KAFKA_RESP_ERR__TIMED_OUT, what, client_->last_trouble())));
}

Result<std::optional<OutputRecord>> KafkaProducer::positions_record(const Transaction& transaction) {
  if (transaction.group.empty()) return std::nullopt;
  SLIPSTREAM_ASSIGN(const std::int32_t partitions, topics_.partitions_of(options_.positions_topic));
  return record_of_positions(transaction, options_.positions_topic, partitions);
}

Result<> KafkaProducer::write(const Transaction& transaction, const std::optional<OutputRecord>& positions,
                              std::vector<Slot>& slots) {
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i)
    SLIPSTREAM_TRY(send(transaction.outputs[i], slots[i]));
  if (positions) SLIPSTREAM_TRY(send(*positions, slots.back()));
  const auto flushed = flush();
  if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected(
        kafka_error(flushed, "the brokers do not take the records", client_->last_trouble()));
  for (const Slot& slot : slots)
    if (slot.error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected(kafka_error(slot.error, "the brokers refuse a record"));
  for (const Slot& slot : slots)  // written by an attempt whose answer was lost
    if (slot.offset < Offset(0))
      return fail(ErrorCode::log_unavailable,
                  "the brokers do not say where a record is; the transaction is given up");
  return {};
}

rd_kafka_error_t* KafkaProducer::abort_written() {
  return in_pieces(*options_.patience, [&](int ms) {
    return rd_kafka_abort_transaction(client_->get(), std::max(ms, kAbortBegunMs));
  });
}

rd_kafka_resp_err_t KafkaProducer::flush() {
  const Patience::Wait wait(*options_.patience);
  auto flushed = rd_kafka_flush(client_->get(), 0);
  while (flushed == RD_KAFKA_RESP_ERR__TIMED_OUT && !wait.is_over())
    flushed = rd_kafka_flush(client_->get(), milliseconds_of(wait.piece()));
  return flushed;
}

Result<> KafkaProducer::begin() {
  if (!has_transactions()) return {};
  return end(rd_kafka_begin_transaction(client_->get()), "a transaction cannot begin");
}

Result<> KafkaProducer::end_written(const Transaction& transaction) {
  if (!has_transactions()) return {};
  SLIPSTREAM_TRY(send_offsets(transaction));
  crash_point("commit.ending");
  return end(
      in_pieces(*options_.patience, [&](int ms) { return rd_kafka_commit_transaction(client_->get(), ms); }),
      fmt::format("it is not known whether a transaction of producer '{}' was committed", identity_));
}

// What is still on its way points into the slots.
void KafkaProducer::give_up_written() {
  rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  if (has_transactions())
    if (rd_kafka_error_t* abort = abort_written()) rd_kafka_error_destroy(abort);
  rd_kafka_flush(client_->get(), kPurgedMs);
}

Result<std::vector<Offset>> KafkaProducer::commit(const Transaction& transaction) {
  if (failure_) return tl::unexpected(*failure_);
  SLIPSTREAM_TRY(check_positions(transaction));
  SLIPSTREAM_TRY(check_sizes(transaction.outputs));
  SLIPSTREAM_TRY(topics_.check(transaction.outputs));
  SLIPSTREAM_ASSIGN(const std::optional<OutputRecord> positions, positions_record(transaction));
  if (transaction.outputs.empty() && !positions) return std::vector<Offset>();
  for (const OutputRecord& record : transaction.outputs)
    SLIPSTREAM_TRY(client_->meet(record.topic, *options_.patience));
  if (positions) SLIPSTREAM_TRY(client_->meet(positions->topic, *options_.patience));
  SLIPSTREAM_TRY(begin());
  crash_point("commit.begun");
  std::vector<Slot> slots(transaction.outputs.size() + (positions ? 1 : 0));
  if (const auto written = write(transaction, positions, slots); !written) {
    give_up_written();
    return tl::unexpected(give_up(written.error()));
  }
  crash_point("commit.written");
  SLIPSTREAM_TRY(end_written(transaction));
  std::vector<Offset> offsets;
  offsets.reserve(transaction.outputs.size());
  for (std::size_t i = 0; i < transaction.outputs.size(); ++i)
    offsets.push_back(slots[i].offset);
  return offsets;
}

}  // namespace slipstream
