// librdkafka's errors as ours. Only .cpp files of the Kafka log include this: it brings librdkafka's header.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string_view>

#include "engine/base/error.h"
#include "engine/base/ids.h"

namespace slipstream {

// `what` begins the message: "topic 'alerts' cannot be created".
Error kafka_error(rd_kafka_resp_err_t code, std::string_view what, std::string_view reason = {});
// Takes the error and frees it. `trouble`: what the client has met on its way there.
Error kafka_error(rd_kafka_error_t* error, std::string_view what, std::string_view trouble = {});

// Has another producer of the same identity taken over?
bool is_fenced(rd_kafka_resp_err_t code);

// For one who reads and has been told to end.
tl::unexpected<Error> waited_enough(const TopicPartition& at);

}  // namespace slipstream
