// How long brokers are waited for: by each call as long as is given here, and once somebody wants to end, by all
// calls together only a little longer. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

#include "engine/base/time.h"

namespace slipstream {

class Patience {
 public:
  explicit Patience(Duration call_max) : call_max_(call_max) {}

  // What waits now, and whatever is to wait later, gives up after `rest`. Cannot be taken back.
  void end_within(Duration rest) { ends_at_us_.store(now_us() + rest.us); }
  bool has_ended() const { return now_us() >= ends_at_us_.load(); }

  // One call's wait, from now on.
  class Wait {
   public:
    explicit Wait(const Patience& patience)
        : patience_(patience), until_us_(now_us() + patience.call_max_.us) {}
    // 0: it is over.
    Duration left() const {
      return Duration{
          std::max<std::int64_t>(std::min(until_us_, patience_.ends_at_us_.load()) - now_us(), 0)};
    }
    bool is_over() const { return left().us == 0; }
    // What may be waited at a time, so that an end that comes meanwhile is noticed.
    Duration piece() const { return std::min(left(), milliseconds(500)); }

   private:
    const Patience& patience_;
    const std::int64_t until_us_;
  };

 private:
  static std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  const Duration call_max_;
  std::atomic<std::int64_t> ends_at_us_{std::numeric_limits<std::int64_t>::max()};
};

}  // namespace slipstream
