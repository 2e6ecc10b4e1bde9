#include "engine/app/service/slow_lane.h"

#include <chrono>
#include <utility>

#include "engine/base/thread_role.h"

namespace slipstream {

SlowLane::SlowLane(Duration rest, Work at_rest)
    : rest_(rest), at_rest_(std::move(at_rest)), thread_([this] { run(); }) {}

SlowLane::~SlowLane() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool SlowLane::push(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_.size() >= kWaitingMax) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

bool SlowLane::is_stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

// Waits for work; nullopt: there will be none.
std::optional<SlowLane::Work> SlowLane::next() {
  std::unique_lock lock(mutex_);
  const auto is_due = [&] { return stopping_ || !waiting_.empty(); };
  if (!changed_.wait_for(lock, std::chrono::microseconds(rest_.us), is_due)) {
    lock.unlock();
    at_rest_();
    lock.lock();
    changed_.wait(lock, is_due);
  }
  if (waiting_.empty()) return std::nullopt;
  Work work = std::move(waiting_.front());
  waiting_.pop_front();
  return work;
}

void SlowLane::run() {
  begin_thread("slow-lane", ThreadRole::steady);
  while (const auto work = next()) {
    try {
      (*work)();
    } catch (...) {
      // As in a worker of the server: whoever waited for an answer is told 500 when the work's responder goes down.
    }
  }
}

}  // namespace slipstream
