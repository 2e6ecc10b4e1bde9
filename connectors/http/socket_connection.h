// A client's socket and what connections of every kind do with it: write within a time, drain, close. All belongs to the
// loop's thread. One deadline at a time, which the state of the connection gives its meaning.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/http/detached_socket.h"
#include "connectors/http/io_loop.h"
#include "connectors/http/server_state.h"

namespace slipstream {

class SocketConnection : public std::enable_shared_from_this<SocketConnection> {
 public:
  virtual ~SocketConnection() = default;

  virtual void begin_stop() = 0;  // closes it, unless it is being answered: then soon
  void close();

 protected:
  SocketConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop, IoSocket socket);

  virtual void on_written(const boost::system::error_code& error) = 0;
  virtual void on_deadline() = 0;  // unless it drains
  virtual void on_close() = 0;     // gives back what it holds of the server

  void enter();  // the loop's connections; first of all
  // The socket goes on elsewhere, and this connection is closed without on_close(). Nothing may be under way. nullopt: it
  // is closed.
  std::optional<DetachedSocket> leave();
  bool is_open() const { return phase_ == Phase::open; }  // neither drained nor closed

  // on_written() is called when the client's system has it all, and the texts stay till then. The deadline moves on while
  // it takes something: a client that takes nothing for so long comes to on_deadline(), which asks on_write_deadline().
  void write(const std::array<std::string_view, 3>& texts);
  void on_write_deadline();
  // What the client sends is not looked at; that it goes, closes.
  void discard_input();
  void drain();  // sends no more, and closes when the client has, or soon

  void set_deadline(Duration from_now);
  void clear_deadline() { deadline_ = Clock::time_point::max(); }

  const std::shared_ptr<ServerState> server_;
  const std::shared_ptr<IoLoop> loop_;  // outlives socket and timer
  IoSocket socket_;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase { open, draining, closed };

  void arm_timer();
  void on_timer();
  std::size_t unacknowledged();  // bytes written that the client's system has not

  Phase phase_ = Phase::open;
  std::size_t unacknowledged_ = 0;  // when the deadline of the write was set
  std::string discarded_;           // empty: input is not discarded

  // The timer is not set anew for every deadline: it goes off too early, and then looks at the deadline.
  IoTimer timer_;
  Clock::time_point deadline_ = Clock::time_point::max();  // max: none
  Clock::time_point timer_at_ = Clock::time_point::max();  // max: it is not set
};

}  // namespace slipstream
