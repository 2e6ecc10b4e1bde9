// Wakes readers that wait for records. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace slipstream {

class Arrivals {
 public:
  std::uint64_t count() const;
  void announce();
  // Until the count differs from `seen` (true) or the deadline has passed (false).
  bool wait(std::uint64_t seen, std::chrono::steady_clock::time_point deadline) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t count_ = 0;  // guarded by mutex_
};

}  // namespace slipstream
