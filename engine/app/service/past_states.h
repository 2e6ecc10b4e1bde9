// States as of earlier instants, for requests with `as_of`: folded from the log when they are asked for. The newest is
// kept for a minute, for the pages that follow; later the log may have told more of that instant. Belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/app/deployment.h"
#include "engine/app/state_shelf.h"

namespace slipstream {

class PastStates {
 public:
  // Over HTTP; `slipstream query --as-of` has no limit.
  static constexpr std::uint64_t kRecordsMax = 1'000'000;

  // `deployment` outlives it.
  PastStates(Deployment& deployment, std::shared_ptr<const Plan> plan)
      : deployment_(deployment), plan_(std::move(plan)) {}

  // `goes_on`: fold_until(). Errors: usage when the log holds more than kRecordsMax; those of fold_until().
  Result<std::shared_ptr<const ShownState>> state_at(Timestamp at, const std::function<bool()>& goes_on);
  static constexpr Duration kKeptFor = minutes(1);
  void let_go() { kept_.reset(); }  // of what was kept

 private:
  Deployment& deployment_;
  const std::shared_ptr<const Plan> plan_;
  std::shared_ptr<const ShownState> kept_;
  std::chrono::steady_clock::time_point kept_until_;
};

}  // namespace slipstream
