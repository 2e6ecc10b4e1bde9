#include "engine/app/service/past_states.h"

#include <fmt/format.h>

#include <utility>

#include "engine/app/past_state.h"

namespace slipstream {

Result<std::shared_ptr<const ShownState>> PastStates::state_at(Timestamp at,
                                                               const std::function<bool()>& goes_on) {
  if (kept_ && kept_->clock == at && std::chrono::steady_clock::now() < kept_until_) return kept_;
  kept_.reset();
  const EventSource source = deployment_.event_source(*plan_);
  SLIPSTREAM_ASSIGN(const std::uint64_t records, records_in_log(source, deployment_.partitions()));
  if (records > kRecordsMax)
    return fail(ErrorCode::usage,
                fmt::format("as_of: the log holds {} records, and figures of an earlier instant are computed "
                            "again from {} at most here; use `slipstream query --as-of`",
                            records, kRecordsMax));
  SLIPSTREAM_ASSIGN(PastState past, fold_until(plan_, source, deployment_.partitions(), at, goes_on));
  auto shown = std::make_shared<ShownState>();
  shown->state = std::move(past.state);
  shown->clock = past.clock;
  shown->complete = true;
  shown->version = std::move(past.version);
  kept_ = std::move(shown);
  kept_until_ = std::chrono::steady_clock::now() + std::chrono::microseconds(kKeptFor.us);
  return kept_;
}

}  // namespace slipstream
