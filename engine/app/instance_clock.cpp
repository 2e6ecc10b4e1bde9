#include "engine/app/instance_clock.h"

#include <chrono>

namespace slipstream {

Timestamp system_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

Timestamp InstanceClock::now() const {
  if (given_) return given_();
  switch (mode_) {
    case ClockMode::fixed:
      return at_;
    case ClockMode::events:
      return Timestamp{newest_us_.load()};
    case ClockMode::system:
      break;
  }
  return system_now();
}

void InstanceClock::show(Timestamp newest) {
  std::int64_t shown = newest_us_.load();
  while (shown < newest.us && !newest_us_.compare_exchange_weak(shown, newest.us)) {
  }
}

}  // namespace slipstream
