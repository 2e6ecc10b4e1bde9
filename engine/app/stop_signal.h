// SIGINT and SIGTERM as a call: the first asks the work to stop, one that comes half a second later or more
// ends the process at once.
//
// Make it before any other thread, so that they inherit the blocked signals; a thread of its own waits for
// them.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace slipstream {

class StopSignal {
 public:
  explicit StopSignal(std::function<void()> stop);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

 private:
  void wait();

  std::function<void()> stop_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace slipstream
