// Reads a topic from its beginning to the end it has at the start, in one thread, as fast as librdkafka gives it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace slipstream::bench {

// Calls `take` with each record's value, valid during the call. Returns how many there were; ends the process with a
// message when the topic cannot be read.
std::uint64_t read_topic(const std::string& bootstrap_servers, const std::string& topic,
                         const std::function<void(std::string_view)>& take);

}  // namespace slipstream::bench
