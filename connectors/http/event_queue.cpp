#include "connectors/http/event_queue.h"

#include <utility>

namespace slipstream {
namespace {

// What may wait behind what was sent when it was idle, for a sender that does not keep to that. Its client is then cut off, and comes back
// for a snapshot: it has seen no wrong state.
constexpr std::size_t kBehindBytesMax = 1 << 20;

}  // namespace

void EventQueue::send(std::string events) {
  const std::scoped_lock lock(mutex_);
  if (is_closed_ || events.empty()) return;
  if (is_busy_ && (behind_bytes_ += events.size()) > kBehindBytesMax) {
    is_closed_ = true;
    waiting_.clear();
    wake();
    return;
  }
  if (waiting_.empty())
    waiting_ = std::move(events);
  else
    waiting_ += events;
  is_busy_ = true;
  if (!is_writing_) wake();
}

void EventQueue::end() {
  const std::scoped_lock lock(mutex_);
  has_ended_ = true;
  if (!is_writing_) wake();
}

void EventQueue::on_waiting(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  if (!is_closed_) wake_ = std::move(wake);
}

std::optional<std::string> EventQueue::take() {
  const std::scoped_lock lock(mutex_);
  is_woken_ = false;
  behind_bytes_ = 0;
  is_writing_ = is_busy_ = !waiting_.empty();
  if (!is_writing_) return std::nullopt;
  return std::exchange(waiting_, {});
}

bool EventQueue::begin_comment() {
  const std::scoped_lock lock(mutex_);
  if (is_writing_ || is_busy_ || is_closed_) return false;
  is_writing_ = is_busy_ = true;
  return true;
}

bool EventQueue::is_finished() {
  const std::scoped_lock lock(mutex_);
  return has_ended_ && waiting_.empty();
}

void EventQueue::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  is_busy_ = false;
  wake_ = nullptr;
  waiting_.clear();
}

void EventQueue::wake() {
  if (!wake_ || std::exchange(is_woken_, true)) return;
  wake_();
}

}  // namespace slipstream
