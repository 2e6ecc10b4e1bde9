#include "connectors/http/socket_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/write.hpp>
#include <limits>
#include <utility>

namespace slipstream {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kWriteBytes = 1 << 20;
constexpr std::size_t kDiscardBytes = 4 << 10;
// What a refused client may still send while it has not read why: closed sooner, its system would throw the answer away.
constexpr Duration kDrainTime = seconds(1);

asio::const_buffer as_buffer(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

SocketConnection::SocketConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop,
                                   IoSocket socket)
    : server_(std::move(server)),
      loop_(std::move(loop)),
      socket_(std::move(socket)),
      timer_(loop_->context()) {}

void SocketConnection::enter() { loop_->connections().insert(shared_from_this()); }

std::optional<DetachedSocket> SocketConnection::leave() {
  auto socket = DetachedSocket::from(socket_);
  if (!socket) {
    close();
    return std::nullopt;
  }
  phase_ = Phase::closed;
  timer_.cancel();
  loop_->connections().erase(shared_from_this());
  return *std::move(socket);
}

void SocketConnection::close() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this();  // the loop lets go of it
  phase_ = Phase::closed;
  error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
  loop_->connections().erase(self);
  on_close();
}

void SocketConnection::write(const std::array<std::string_view, 3>& texts) {
  const std::size_t size = texts[0].size() + texts[1].size() + texts[2].size();
  unacknowledged_ = std::numeric_limits<std::size_t>::max();
  asio::async_write(
      socket_, std::array{as_buffer(texts[0]), as_buffer(texts[1]), as_buffer(texts[2])},
      [this, size](const error_code& error, std::size_t bytes) -> std::size_t {
        if (error || phase_ == Phase::closed) return 0;
        if (bytes > 0 && bytes < size) unacknowledged_ = unacknowledged();
        set_deadline(server_->limits.write_time);
        return kWriteBytes;
      },
      [this, self = shared_from_this()](const error_code& error, std::size_t) {
        if (is_open()) on_written(error);
      });
}

// The system asks for more only when a third of a buffer of megabytes is free: a client may have taken much since.
void SocketConnection::on_write_deadline() {
  const std::size_t before = std::exchange(unacknowledged_, unacknowledged());
  if (unacknowledged_ >= before) return close();
  set_deadline(server_->limits.write_time);
}

std::size_t SocketConnection::unacknowledged() {
  int bytes = 0;
  ioctl(socket_.native_handle(), SIOCOUTQ, &bytes);
  return static_cast<std::size_t>(bytes);
}

void SocketConnection::discard_input() {
  discarded_.resize(kDiscardBytes);
  socket_.async_read_some(asio::buffer(discarded_),
                          [this, self = shared_from_this()](const error_code& error, std::size_t) {
                            error ? close() : discard_input();
                          });
}

void SocketConnection::drain() {
  phase_ = Phase::draining;
  error_code ignored;  // the client has gone, which the read says
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  set_deadline(kDrainTime);
  if (discarded_.empty()) discard_input();
}

// ---- time

void SocketConnection::set_deadline(Duration from_now) {
  deadline_ = Clock::now() + std::chrono::microseconds(from_now.us);
  if (deadline_ < timer_at_) arm_timer();
}

void SocketConnection::arm_timer() {
  timer_at_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([this, self = shared_from_this()](const error_code& error) {
    if (error != asio::error::operation_aborted) on_timer();
  });
}

void SocketConnection::on_timer() {
  if (phase_ == Phase::closed) return;
  const auto now = Clock::now();
  if (now < timer_at_) return;  // of an earlier setting, whose call was on its way
  timer_at_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;
  if (now < deadline_) return arm_timer();
  clear_deadline();
  phase_ == Phase::draining ? close() : on_deadline();
}

}  // namespace slipstream
