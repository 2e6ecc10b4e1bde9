// What an event stream has still to write: between whoever sends and the connection that writes, which is told by a call
// when there is something for it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/http/http_server.h"

namespace slipstream {

class EventQueue {
 public:
  bool is_idle() const { return !is_busy_.load(); }
  bool is_closed() const { return is_closed_.load(); }
  void send(std::string events);
  void end();  // nobody will send any more: what waits is still written

  // The connection's. A write is in progress from the start, for the head's sake.
  // `wake`: by any thread, under the queue's lock; it must not come back to the queue. Never after close().
  void on_waiting(std::function<void()> wake);
  std::optional<std::string> take();  // after a write: the next one; nullopt: none is in progress any more
  bool begin_comment();               // a write of its own; false: one is in progress, or to come
  bool is_finished();                 // the sender has ended it and nothing waits
  void close();                       // forgets what waits

 private:
  void wake();  // under mutex_

  std::atomic<bool> is_busy_ = false;  // something waits or is being written; changed under mutex_
  std::atomic<bool> is_closed_ = false;
  std::mutex mutex_;
  std::function<void()> wake_;    // guarded by mutex_; empty: nobody writes yet, or it is closed
  std::string waiting_;           // guarded by mutex_
  std::size_t behind_bytes_ = 0;  // guarded by mutex_: of `waiting_`, sent while it was not idle
  bool is_writing_ = true;        // guarded by mutex_
  bool is_woken_ = false;         // guarded by mutex_
  bool has_ended_ = false;        // guarded by mutex_
};

// What the sender holds. The stream ends when it lets go.
class QueuedEventStream final : public EventStream {
 public:
  explicit QueuedEventStream(std::shared_ptr<EventQueue> queue) : queue_(std::move(queue)) {}
  ~QueuedEventStream() override { queue_->end(); }

  bool is_idle() const override { return queue_->is_idle(); }
  bool is_closed() const override { return queue_->is_closed(); }
  void send(std::string events) override { queue_->send(std::move(events)); }

 private:
  const std::shared_ptr<EventQueue> queue_;
};

}  // namespace slipstream
