// The log on Apache Kafka, by librdkafka. docs/design/kafka-log.md tells how brokers keep the log's promises.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/log/event_log.h"

namespace slipstream {

// librdkafka's names and values as the user gave them, e.g. "bootstrap.servers".
using KafkaSettings = std::map<std::string, std::string>;

struct KafkaLogOptions {
  KafkaSettings settings;
  std::string positions_topic = "slipstream.positions";  // members' positions; create_positions_topic() makes it
  int replication = -1;                                  // of topics that are created; -1: as the brokers are set
  std::size_t record_bytes_max = std::size_t{1} << 20;   // the largest key, value and headers of a record
  std::uint64_t fetch_bytes_max = std::uint64_t{16} << 20;  // what a reader fetches ahead, about
  Duration answer_wait_max = seconds(30);                // for a broker to answer, before log_unavailable
};

// invalid_value or unknown_key for a setting that librdkafka does not know, or that is the log's own to choose.
Result<> check_kafka_settings(const KafkaSettings& settings);

// Brokers are asked for nothing before the first use. Errors: as check_kafka_settings().
Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options);

// The topic that commits need; the same again is no error.
Result<> create_positions_topic(EventLog& log, const KafkaLogOptions& options, std::int32_t partitions);

}  // namespace slipstream
