#include "connectors/log/arrivals.h"

namespace slipstream {

std::uint64_t Arrivals::count() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

void Arrivals::announce() {
  {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  changed_.notify_all();
}

bool Arrivals::wait(std::uint64_t seen, std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return count_ != seen; });
}

}  // namespace slipstream
