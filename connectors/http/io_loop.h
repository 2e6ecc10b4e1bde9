// A thread that reads and writes sockets. What belongs to it is touched by no other; others post to it.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "engine/base/thread_role.h"

namespace slipstream {

// Of one kind of executor, so that a socket's calls need not look for theirs.
using IoExecutor = boost::asio::io_context::executor_type;
using IoSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using IoTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

class SocketConnection;

class IoLoop {
 public:
  IoLoop(std::string thread_name, ThreadRole role)
      : thread_name_(std::move(thread_name)), role_(role), work_(boost::asio::make_work_guard(context_)) {}
  ~IoLoop() { finish(); }

  void start() {
    thread_ = std::thread([this] {
      begin_thread(thread_name_, role_);
      context_.run();
    });
  }
  // False: it has finished, and the call is dropped. What is posted may outlive whoever posts: a responder may be kept for
  // longer than the server.
  template <class Call>
  bool post(Call&& call) {
    const std::scoped_lock lock(mutex_);
    if (is_finished_) return false;
    boost::asio::post(context_, std::forward<Call>(call));
    return true;
  }
  // Runs what was posted before and returns. Sockets and timers must have been closed.
  void finish() {
    {
      const std::scoped_lock lock(mutex_);
      is_finished_ = true;
    }
    work_.reset();
    if (thread_.joinable())
      thread_.join();
    else
      context_.run();  // it was not started, or has finished before
  }

  boost::asio::io_context& context() { return context_; }
  std::unordered_set<std::shared_ptr<SocketConnection>>& connections() { return connections_; }

 private:
  const std::string thread_name_;
  const ThreadRole role_;
  boost::asio::io_context context_{1};  // one thread runs it
  boost::asio::executor_work_guard<IoExecutor> work_;
  std::thread thread_;
  std::unordered_set<std::shared_ptr<SocketConnection>> connections_;  // the thread's: those that are open
  std::mutex mutex_;
  bool is_finished_ = false;  // guarded by mutex_
};

}  // namespace slipstream
