// States as of earlier instants, for requests with `as_of`: folded from the log by a thread of its own, so that nobody
// waits who asks for what is at hand. The one that was asked for last is kept for a minute, for the pages that follow.
// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/app/deployment.h"
#include "engine/app/state_shelf.h"

namespace slipstream {

class PastStates {
 public:
  // Over HTTP; `slipstream query --as-of` has no limit.
  static constexpr std::uint64_t kRecordsMax = 1'000'000;
  static constexpr std::size_t kWaitingMax = 16;

  // `deployment` outlives it.
  PastStates(Deployment& deployment, std::shared_ptr<const Plan> plan);
  ~PastStates();
  PastStates(const PastStates&) = delete;
  PastStates& operator=(const PastStates&) = delete;

  // By its thread. Errors: usage when the log holds more than kRecordsMax; those of the log.
  using Then = std::function<void(const Result<std::shared_ptr<const ShownState>>&)>;
  // False: as many wait as may; `then` is not called.
  bool ask(Timestamp at, Then then);

 private:
  struct Asked {
    Timestamp at;
    Then then;
  };

  void run();
  std::optional<Asked> next();
  Result<std::shared_ptr<const ShownState>> state_at(Timestamp at);
  bool goes_on() const;

  Deployment& deployment_;
  const std::shared_ptr<const Plan> plan_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Asked> waiting_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  // The thread's own.
  std::shared_ptr<const ShownState> kept_;
  std::chrono::steady_clock::time_point kept_until_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace slipstream
