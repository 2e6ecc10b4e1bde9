#include "connectors/http/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

#include "connectors/http/io_loop.h"
#include "connectors/http/quick_lane.h"
#include "connectors/http/request_connection.h"
#include "connectors/http/server_state.h"

namespace slipstream {
namespace {

using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;

constexpr std::uint64_t kRefusalsMax =
    64;                          // connections that are told that there are too many; others are only closed
constexpr int kIdleChecks = 16;  // in the time after which a connection is idle for too long
constexpr auto kIdleCheckMin = std::chrono::milliseconds(1);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // when the system has no more sockets

// Accepts on the first loop's thread and gives the loops connections in turn.
class BeastServer final : public HttpServer {
 public:
  BeastServer(const HttpServerOptions& options, Handler handler, QuickAnswer quick_answer)
      : state_(std::make_shared<ServerState>(options.limits, std::move(quick_answer))),
        workers_(options.workers, options.limits.waiting_max, std::move(handler)) {
    state_->workers = &workers_;
    for (int i = 0; i < options.io_threads; ++i)
      loops_.push_back(std::make_shared<IoLoop>("http-io", ThreadRole::prompt));
    state_->stream_loop = std::make_shared<IoLoop>("http-streams", ThreadRole::steady);
    acceptor_.emplace(loops_[0]->context());
    pause_.emplace(loops_[0]->context());
    if (!state_->quick_answer) return;
    quick_lane_.emplace(*state_, options.quick_threads,
                        [this](QuickLane::HandedBack handed_back) { resume(std::move(handed_back)); });
    state_->quick_lane = &*quick_lane_;
    idle_check_.emplace(loops_[0]->context());
  }
  ~BeastServer() override { stop({}); }

  Result<> listen(const boost::asio::ip::address& address, std::uint16_t port) {
    const Tcp::endpoint endpoint(address, port);
    error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(boost::asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(boost::asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (error)
      return fail(ErrorCode::io,
                  fmt::format("{} port {}: cannot be listened on: {}; choose another, or end what has it",
                              address.to_string(), port, error.message()));
    for (auto& loop : loops_)
      loop->start();
    state_->stream_loop->start();
    loops_[0]->post([this] {
      accept();
      if (quick_lane_) check_idle();
    });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  Counts counts() const override {
    return {.connections = state_->connections,
            .streams = state_->streams,
            .body_bytes = state_->bodies_bytes,
            .requests = state_->requests,
            .refused = state_->refused};
  }

  void stop(Duration patience) override {
    const std::scoped_lock lock(stop_mutex_);
    if (state_->is_stopping.exchange(true)) return;
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(patience.us);
    loops_[0]->post([this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
      if (idle_check_) idle_check_->cancel();
    });
    for_each_connection(&SocketConnection::begin_stop);
    if (quick_lane_) quick_lane_->close_all();
    state_->wait_until_closed(until);
    state_->is_closing = true;
    for_each_connection(&SocketConnection::close);
    state_->wait_until_closed();
    workers_.stop();
    for (auto& loop : loops_)
      loop->finish();
    state_->stream_loop->finish();
    quick_lane_.reset();
  }

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<Tcp, IoExecutor>;

  void accept() {
    const auto& loop = loops_[next_loop_++ % loops_.size()];
    peer_.emplace(loop->context());
    acceptor_->async_accept(*peer_, [this, &loop](const error_code& error) { on_accept(loop, error); });
  }

  void on_accept(const std::shared_ptr<IoLoop>& loop, const error_code& error) {
    if (state_->is_stopping) return peer_.reset();
    if (error && error != boost::asio::error::connection_aborted) {
      pause_->expires_after(kAcceptPause);
      return pause_->async_wait([this](const error_code&) {
        if (!state_->is_stopping) accept();
      });
    }
    if (!error) admit(loop);
    accept();
  }

  void admit(const std::shared_ptr<IoLoop>& loop) {
    const bool has_room = state_->connections < state_->limits.connections_max;
    if (!has_room && state_->refusals >= kRefusalsMax) return;  // accept() closes it
    ++(has_room ? state_->connections : state_->refusals);
    loop->post([state = state_, loop, socket = std::move(*peer_), has_room]() mutable {
      const auto kind = has_room ? RequestConnection::Kind::served : RequestConnection::Kind::beyond_limit;
      std::make_shared<RequestConnection>(state, loop, std::move(socket), kind)->start();
    });
  }

  // From the quick lane, by one of its threads.
  void resume(QuickLane::HandedBack handed_back) {
    const auto& loop = loops_[next_resumed_++ % loops_.size()];
    loop->post([state = state_, loop, handed_back = std::move(handed_back)]() mutable {
      auto socket = std::move(handed_back.socket).attach_to(*loop);
      if (!socket) return state->forget(state->connections);
      const auto kind = RequestConnection::Kind::served;
      std::make_shared<RequestConnection>(state, loop, *std::move(socket), kind)
          ->resume(std::move(handed_back));
    });
  }

  void check_idle() {
    const std::chrono::microseconds idle_time(state_->limits.idle_time.us);
    idle_check_->expires_after(std::max<std::chrono::microseconds>(idle_time / kIdleChecks, kIdleCheckMin));
    idle_check_->async_wait([this](const error_code&) {
      if (state_->is_stopping) return;
      quick_lane_->close_idle();
      check_idle();
    });
  }

  void for_each_connection(void (SocketConnection::*call)()) {
    for (auto& loop : loops_)
      for_each_connection(loop, call);
    for_each_connection(state_->stream_loop, call);
  }
  static void for_each_connection(const std::shared_ptr<IoLoop>& loop, void (SocketConnection::*call)()) {
    loop->post([loop, call] {
      const auto connections = loop->connections();  // a copy: they leave it when they close
      for (const auto& connection : connections)
        ((*connection).*call)();
    });
  }

  const std::shared_ptr<ServerState> state_;
  WorkerPool workers_;
  std::vector<std::shared_ptr<IoLoop>> loops_;
  std::uint16_t port_ = 0;
  std::mutex stop_mutex_;

  // The first loop's.
  std::optional<Acceptor> acceptor_;
  std::optional<IoTimer> pause_;
  std::optional<IoTimer> idle_check_;
  std::optional<IoSocket> peer_;  // the next connection
  std::size_t next_loop_ = 0;

  std::atomic<std::size_t> next_resumed_ = 0;
  std::optional<QuickLane> quick_lane_;  // last: its threads use the rest
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(const HttpServerOptions& options, Handler handler,
                                                     QuickAnswer quick_answer) {
  error_code error;
  const auto address = boost::asio::ip::make_address(options.address, error);
  if (error)
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is no IPv4 or IPv6 address to listen on; write one, e.g. 127.0.0.1",
                            options.address));
  if (options.io_threads < 1 || options.quick_threads < 1 || options.workers < 1)
    return fail(
        ErrorCode::invalid_value,
        fmt::format("{} threads for sockets, {} for what is answered at once and {} workers: each is at "
                    "least 1",
                    options.io_threads, options.quick_threads, options.workers));
  try {
    auto server = std::make_unique<BeastServer>(options, std::move(handler), std::move(quick_answer));
    SLIPSTREAM_TRY(server->listen(address, options.port));
    return server;
  } catch (const std::system_error& thrown) {
    return fail(ErrorCode::io,
                fmt::format("the HTTP server has no threads or sockets: {}; raise the system's limits",
                            thrown.what()));
  }
}

}  // namespace slipstream
