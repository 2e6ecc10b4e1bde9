// What the connections of a server share.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "connectors/http/answer_head.h"
#include "connectors/http/http_server.h"
#include "connectors/http/worker_pool.h"

namespace slipstream {

class IoLoop;
class QuickLane;

struct ServerState {
  ServerState(const HttpLimits& the_limits, HttpServer::QuickAnswer quick)
      : limits(the_limits), quick_answer(std::move(quick)) {}

  const HttpLimits limits;
  const HttpServer::QuickAnswer quick_answer;  // may be empty; see answer_quickly()
  WorkerPool* workers = nullptr;  // outlives the threads that read and write; nobody else may use it

  // Streams are written by a thread of their own, behind others: what is told to hundreds of clients at once holds up no
  // request.
  std::shared_ptr<IoLoop> stream_loop;

  QuickLane* quick_lane = nullptr;  // null: nothing is answered at once; outlives the loops

  // What is asked for as it can be given now: who stops keeps no connection.
  AnswerForm form_now(AnswerForm asked) const;
  // `asked`: its form. nullopt: a worker is to answer.
  std::optional<HttpAnswer> answer_quickly(const HttpRequest& request, const AnswerForm& asked) const;

  std::atomic<bool> is_stopping = false;
  std::atomic<bool> is_closing = false;        // connections that are open are being closed
  std::atomic<std::uint64_t> connections = 0;  // open, but for those beyond the limit
  std::atomic<std::uint64_t> refusals = 0;     // open connections beyond it, that are being told so
  std::atomic<std::uint64_t> streams = 0;
  std::atomic<std::uint64_t> bodies_bytes = 0;  // of requests that are being read or not answered yet
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> refused = 0;

  void forget(std::atomic<std::uint64_t>& kind) {  // connections or refusals: one was closed
    const std::scoped_lock lock(mutex_);
    --kind;
    closed_.notify_all();
  }
  void wait_until_closed(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    closed_.wait_until(lock, until, [this] { return connections == 0 && refusals == 0; });
  }
  void wait_until_closed() {
    std::unique_lock lock(mutex_);
    closed_.wait(lock, [this] { return connections == 0 && refusals == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable closed_;
};

}  // namespace slipstream
