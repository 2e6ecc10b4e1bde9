// The bytes in which a log keeps a member's committed positions:
//   varint count {string topic, zigzag partition, zigzag offset}, string metadata.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/log/event_log.h"

namespace slipstream {

std::string encode_positions(const CommittedPositions& positions);
// nullopt: the bytes are damaged.
std::optional<CommittedPositions> decode_positions(std::string_view bytes);

}  // namespace slipstream
