// The log on Apache Kafka, by librdkafka. docs/design/kafka-log.md tells how brokers keep the log's promises.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/log/patience.h"
#include "engine/log/event_log.h"
#include "engine/log/membership.h"

namespace slipstream {

// librdkafka's names and values as the user gave them, e.g. "bootstrap.servers".
using KafkaSettings = std::map<std::string, std::string>;

struct KafkaLogOptions {
  KafkaSettings settings;
  std::string prefix;  // of every producer's identity, which is known to the whole cluster
  std::string positions_topic = "slipstream.positions";  // compacted: members' positions
  int replication = -1;  // of topics that are created; -1: as the brokers are set
  std::size_t record_bytes_max = std::size_t{64} << 20;  // the largest key, value and headers of a record
  // What a reader fetches ahead of each partition, about.
  std::uint64_t fetch_bytes_max = std::uint64_t{8} << 20;
  // For brokers to answer, before log_unavailable.
  std::shared_ptr<Patience> patience = std::make_shared<Patience>(seconds(15));
  // False: append() is not all or nothing, but no marks of transactions take offsets. To fill a log that nobody
  // reads yet.
  bool appends_in_transactions = true;
};

std::string kafka_library_version();  // of librdkafka, such as "2.0.2"
// The names of librdkafka's settings, as far as it lists them; is_kafka_setting() knows all.
std::vector<std::string> kafka_setting_names();
bool is_kafka_setting(const std::string& name);
// unknown_key or invalid_value for a setting that librdkafka refuses, or that is the log's own to choose.
Result<> check_kafka_setting(const std::string& name, const std::string& value);

// Brokers are asked for nothing before the first use. Errors: as check_kafka_setting(), and for settings that
// do not go together.
Result<std::unique_ptr<EventLog>> open_kafka_log(const KafkaLogOptions& options);

// A place among the instances that share out the partitions of `topic`. `name`: keeps this one's place when
// it comes back, so that it is given the partitions whose state it has. Errors: as open_kafka_log().
Result<std::unique_ptr<Membership>> join_kafka_group(const KafkaLogOptions& options, const std::string& topic,
                                                     const std::string& group, const std::string& name);

}  // namespace slipstream
