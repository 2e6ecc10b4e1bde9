#include "connectors/http/worker_pool.h"

#include <utility>

#include "engine/base/thread_role.h"

namespace slipstream {

WorkerPool::WorkerPool(int workers, std::size_t waiting_max, HttpServer::Handler handler)
    : waiting_max_(waiting_max), handler_(std::move(handler)) {
  try {
    for (int i = 0; i < workers; ++i)
      threads_.emplace_back([this] { work(); });
  } catch (...) {  // no more threads: those that run end before their members do
    stop();
    throw;
  }
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::try_push(HttpRequest& request, std::shared_ptr<HttpResponder::Connection> connection) {
  const std::scoped_lock lock(mutex_);
  // A worker that was woken and has not come yet counts as idle: what it will take does not wait for another.
  if (is_stopped_ || waiting_.size() >= waiting_max_ + idle_) return false;
  waiting_.push_back({std::move(request), HttpResponder(std::move(connection))});
  changed_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    std::deque<Task> left;  // let go after the lock: their responders answer
    const std::scoped_lock lock(mutex_);
    is_stopped_ = true;
    left.swap(waiting_);
    changed_.notify_all();
  }
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

void WorkerPool::work() {
  begin_thread("http-worker", ThreadRole::prompt);
  while (auto task = next_task()) {
    try {
      handler_(std::move(task->request), std::move(task->responder));
    } catch (...) {
      // The responder went down with the call and has answered 500; what was thrown may name what no client may read.
    }
  }
}

std::optional<WorkerPool::Task> WorkerPool::next_task() {
  std::unique_lock lock(mutex_);
  ++idle_;
  changed_.wait(lock, [this] { return is_stopped_ || !waiting_.empty(); });
  --idle_;
  if (is_stopped_) return std::nullopt;
  std::optional<Task> task(std::move(waiting_.front()));
  waiting_.pop_front();
  return task;
}

}  // namespace slipstream
