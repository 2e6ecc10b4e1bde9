// Threads that run the handler, and the requests that wait for one of them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "connectors/http/http_server.h"

namespace slipstream {

class WorkerPool {
 public:
  WorkerPool(int workers, std::size_t waiting_max, HttpServer::Handler handler);
  ~WorkerPool();  // stop()

  // False: too many wait, and nothing was taken.
  bool try_push(HttpRequest& request, std::shared_ptr<HttpResponder::Connection> connection);
  // Returns when the calls of the handler have; requests that wait are let go without an answer.
  void stop();

 private:
  struct Task {
    HttpRequest request;
    HttpResponder responder;
  };

  void work();
  std::optional<Task> next_task();  // nullopt: stopped

  const std::size_t waiting_max_;
  const HttpServer::Handler handler_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;  // guarded by mutex_
  std::size_t idle_ = 0;      // guarded by mutex_: threads that wait for a task
  bool is_stopped_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace slipstream
