// Transactions on Kafka, or records without them. After an error a producer is of no more use: what it was about to do may still
// happen or not, and only a new one of the same identity, whose opening ends it, can tell. Belongs to one
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/log/kafka_client.h"
#include "connectors/log/kafka_topics.h"
#include "engine/log/event_log.h"

namespace slipstream {

class KafkaProducer final : public Producer {
 public:
  // Fences older ones of this identity and ends what they left open. Errors: log_unavailable, fenced.
  static Result<std::unique_ptr<KafkaProducer>> open(std::string identity, KafkaTopics& topics,
                                                     const KafkaLogOptions& options);

  // One whose commits are records alone, in order and once each, but not all or nothing.
  static Result<std::unique_ptr<KafkaProducer>> open_without_transactions(KafkaTopics& topics,
                                                                          const KafkaLogOptions& options);

  // Would one of these settings be made? Asks no broker.
  static Result<> check_settings(const KafkaLogOptions& options);

  Result<std::vector<Offset>> commit(const Transaction& transaction) override;
  bool is_usable() const { return !failure_; }

 private:
  KafkaProducer(std::string identity, KafkaTopics& topics, const KafkaLogOptions& options)
      : identity_(std::move(identity)), topics_(topics), options_(options) {}

  struct Slot;
  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*);

  Result<std::optional<OutputRecord>> positions_record(const Transaction& transaction);
  Result<> send(const OutputRecord& record, Slot& slot);
  Result<> send_offsets(const Transaction& transaction);
  Result<> write(const Transaction& transaction, const std::optional<OutputRecord>& positions,
                 std::vector<Slot>& slots);
  // `identity`: empty without transactions.
  static Result<std::shared_ptr<KafkaClient>> make_client(const std::string& identity,
                                                          const KafkaLogOptions& options);
  bool has_transactions() const { return !identity_.empty(); }
  Result<> begin();
  Result<> end_written(const Transaction& transaction);
  rd_kafka_error_t* abort_written();
  rd_kafka_resp_err_t flush();
  void give_up_written();
  Result<> end(rd_kafka_error_t* error, std::string_view what);
  Error give_up(Error error);

  const std::string identity_;  // empty: without transactions
  KafkaTopics& topics_;
  const KafkaLogOptions& options_;
  std::shared_ptr<KafkaClient> client_;
  std::optional<Error> failure_;  // why it is of no more use
};

}  // namespace slipstream
