#include "engine/app/service/past_states.h"

#include <fmt/format.h>

#include <utility>

#include "engine/app/past_state.h"

namespace slipstream {
namespace {

constexpr std::chrono::seconds kKeptFor(60);

}  // namespace

PastStates::PastStates(Deployment& deployment, std::shared_ptr<const Plan> plan)
    : deployment_(deployment), plan_(std::move(plan)), thread_([this] { run(); }) {}

PastStates::~PastStates() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool PastStates::ask(Timestamp at, Then then) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_.size() >= kWaitingMax) return false;
    waiting_.push_back({at, std::move(then)});
  }
  changed_.notify_one();
  return true;
}

bool PastStates::goes_on() const {
  const std::scoped_lock lock(mutex_);
  return !stopping_;
}

// Waits for work; nullopt: there will be none. What was kept is let go when nobody came for it.
std::optional<PastStates::Asked> PastStates::next() {
  std::unique_lock lock(mutex_);
  const auto is_due = [&] { return stopping_ || !waiting_.empty(); };
  if (kept_ && !changed_.wait_until(lock, kept_until_, is_due)) kept_.reset();
  changed_.wait(lock, is_due);
  if (waiting_.empty()) return std::nullopt;
  Asked asked = std::move(waiting_.front());
  waiting_.pop_front();
  return asked;
}

Result<std::shared_ptr<const ShownState>> PastStates::state_at(Timestamp at) {
  if (kept_ && kept_->clock == at && std::chrono::steady_clock::now() < kept_until_) return kept_;
  kept_.reset();
  const EventSource source = deployment_.event_source(*plan_);
  SLIPSTREAM_ASSIGN(const std::uint64_t records, records_in_log(source, deployment_.partitions()));
  if (records > kRecordsMax)
    return fail(
        ErrorCode::usage,
        fmt::format("as_of: the log holds {} records, and figures of an earlier instant are computed again "
                    "from {} at most here; use `slipstream query --as-of`",
                    records, kRecordsMax));
  SLIPSTREAM_ASSIGN(PastState past,
                    fold_until(plan_, source, deployment_.partitions(), at, [this] { return goes_on(); }));
  auto shown = std::make_shared<ShownState>();
  shown->state = std::move(past.state);
  shown->clock = past.clock;
  shown->complete = true;
  shown->version = std::move(past.version);
  kept_ = std::move(shown);
  kept_until_ = std::chrono::steady_clock::now() + kKeptFor;
  return kept_;
}

void PastStates::run() {
  while (const auto asked = next())
    asked->then(state_at(asked->at));
}

}  // namespace slipstream
