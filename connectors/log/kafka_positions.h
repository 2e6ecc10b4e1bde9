// Members' positions as records of a compacted topic: docs/design/kafka-log.md.
#pragma once

#include <string_view>

#include "connectors/log/kafka_client.h"
#include "connectors/log/kafka_topics.h"
#include "engine/log/event_log.h"

namespace slipstream {

OutputRecord record_of_positions(const Transaction& transaction, const std::string& topic,
                                 std::int32_t partitions);

// The newest record of the member, once nothing before the end of its partition is undecided.
// `of_everything`: a consumer that sees open transactions too. Errors: not_found without the topic, log_unavailable.
Result<CommittedPositions> read_positions(std::string_view group, std::string_view member, EventLog& log,
                                          KafkaClient& of_everything, KafkaTopics& topics,
                                          const KafkaLogOptions& options);

}  // namespace slipstream
