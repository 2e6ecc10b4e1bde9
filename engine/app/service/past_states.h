// States as of earlier instants, for requests with `as_of`: folded from the log when they are asked for. The one that was
// asked for last is kept, for the pages that follow. Belongs to one thread.
#pragma once

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
  // What was kept; the log may have changed.
  void let_go() { kept_.reset(); }

 private:
  Deployment& deployment_;
  const std::shared_ptr<const Plan> plan_;
  std::shared_ptr<const ShownState> kept_;
};

}  // namespace slipstream
