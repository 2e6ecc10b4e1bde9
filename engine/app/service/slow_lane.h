// Requests that take long, answered one after the other by a thread of their own, so that those that take no time never
// wait for them. Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/base/time.h"

namespace slipstream {

class SlowLane {
 public:
  using Work = std::function<void()>;
  static constexpr std::size_t kWaitingMax = 64;

  // `at_rest`, by the lane's thread, once each time that there was no work for `rest`.
  SlowLane(Duration rest, Work at_rest);
  ~SlowLane();  // after the work that waits, which is_stopping() asks to be short
  SlowLane(const SlowLane&) = delete;
  SlowLane& operator=(const SlowLane&) = delete;

  // False: as much waits as may.
  bool push(Work work);
  bool is_stopping() const;

 private:
  void run();
  std::optional<Work> next();

  const Duration rest_;
  const Work at_rest_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  std::thread thread_;        // last: it uses the others
};

}  // namespace slipstream
