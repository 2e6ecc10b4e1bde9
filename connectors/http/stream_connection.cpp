#include "connectors/http/stream_connection.h"

#include <fmt/format.h>

#include <utility>

#include "connectors/http/wall_clock.h"

namespace slipstream {
namespace {

using boost::system::error_code;

constexpr std::string_view kChunkEnd = "\r\n";
constexpr std::string_view kKeepAliveComment = ":\n\n";

}  // namespace

StreamConnection::StreamConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop,
                                   IoSocket socket, const AnswerForm& form,
                                   std::shared_ptr<EventQueue> events)
    : SocketConnection(std::move(server), std::move(loop), std::move(socket)),
      takes_chunks_(form.takes_chunks),
      events_(std::move(events)),
      chunk_begin_(stream_head(form, unix_seconds_now())) {}

void StreamConnection::start() {
  enter();
  if (server_->is_closing) return close();
  if (server_->is_stopping) events_->close();
  events_->on_waiting([weak = weak_from_this(), this, loop = loop_] {
    loop->post([weak, this] {
      if (const auto self = weak.lock()) on_events();
    });
  });
  is_writing_ = true;
  discard_input();
  write({chunk_begin_});
}

void StreamConnection::begin_stop() {
  events_->close();
  if (is_open() && !is_writing_) finish();
}

void StreamConnection::on_close() {
  events_->close();
  --server_->streams;
  server_->forget(server_->connections);
}

void StreamConnection::write_events(std::string events) {
  is_writing_ = true;
  chunk_ = std::move(events);
  chunk_begin_ = takes_chunks_ ? fmt::format("{:x}\r\n", chunk_.size()) : "";
  write({chunk_begin_, chunk_, takes_chunks_ ? kChunkEnd : std::string_view()});
}

void StreamConnection::on_written(const error_code& error) {
  is_writing_ = false;
  if (error) return close();
  is_last_ ? drain() : next_events();
}

void StreamConnection::on_events() {
  if (!is_open() || is_last_) return;
  if (!is_writing_) return next_events();
  if (events_->is_closed() && !server_->is_stopping) close();  // too much waits
}

void StreamConnection::next_events() {
  if (auto events = events_->take()) return write_events(*std::move(events));
  // After take(): whoever closes it from then on wakes the connection again.
  if (events_->is_closed()) return server_->is_stopping ? finish() : close();
  if (events_->is_finished()) return finish();
  set_deadline(server_->limits.keep_alive_time);
}

void StreamConnection::finish() {
  events_->close();
  if (!takes_chunks_) return drain();
  is_last_ = is_writing_ = true;
  write({kLastChunk});
}

void StreamConnection::on_deadline() {
  if (is_writing_) return on_write_deadline();
  if (events_->begin_comment()) return write_events(std::string(kKeepAliveComment));
  set_deadline(server_->limits.keep_alive_time);  // events are on their way
}

}  // namespace slipstream
