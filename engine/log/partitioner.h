// The hash behind partition_of(), for whoever must agree with Kafka's clients on a key's partition.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/log/event_log.h"

namespace slipstream {

// Utils.murmur2 of Apache Kafka's Java client.
std::int32_t murmur2(std::string_view bytes);

}  // namespace slipstream
