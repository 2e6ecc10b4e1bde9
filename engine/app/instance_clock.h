// What time it is for the shards of an instance, as configured. Thread-safe.
#pragma once

#include <atomic>
#include <functional>

#include "engine/app/configuration.h"

namespace slipstream {

Timestamp system_now();

class InstanceClock {
 public:
  // `given`: asked instead of what is configured, by any thread; may be empty.
  explicit InstanceClock(const Configuration& configuration, std::function<Timestamp()> given = {})
      : mode_(configuration.clock), at_(configuration.clock_at), given_(std::move(given)) {}

  Timestamp now() const;
  // ClockMode::events follows the newest instant shown.
  void show(Timestamp newest);

 private:
  const ClockMode mode_;
  const Timestamp at_;  // ClockMode::fixed
  const std::function<Timestamp()> given_;
  std::atomic<std::int64_t> newest_us_{Timestamp::min().us};
};

}  // namespace slipstream
