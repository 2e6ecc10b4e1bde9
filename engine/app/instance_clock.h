// What time it is for the shards of an instance, as configured. Thread-safe.
#pragma once

#include <atomic>

#include "engine/app/configuration.h"

namespace slipstream {

Timestamp system_now();

class InstanceClock {
 public:
  explicit InstanceClock(const Configuration& configuration)
      : mode_(configuration.clock), at_(configuration.clock_at) {}

  Timestamp now() const;
  // ClockMode::events follows the newest instant shown.
  void show(Timestamp newest);

 private:
  const ClockMode mode_;
  const Timestamp at_;  // ClockMode::fixed
  std::atomic<std::int64_t> newest_us_{Timestamp::min().us};
};

}  // namespace slipstream
