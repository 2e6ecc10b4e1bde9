// The system's clock, for the Date of answers.
#pragma once

#include <chrono>
#include <cstdint>

namespace slipstream {

inline std::int64_t unix_seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace slipstream
