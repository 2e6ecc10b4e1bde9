// A client's connection: one request after the other, each read, checked, answered at once or by a worker. All but
// HttpResponder::Connection's calls belongs to the loop's thread.
//
//   idle -> head -> body -> working -> writing -> idle
//                              |          |
//                              v          v
//                          streaming -> draining -> closed
//
// A refusal writes from head or body. One deadline at a time, which the state gives its meaning.
#pragma once

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/answer_head.h"
#include "connectors/http/event_queue.h"
#include "connectors/http/io_loop.h"
#include "connectors/http/request_head.h"
#include "connectors/http/responder_connection.h"
#include "connectors/http/server_state.h"

namespace slipstream {

class SocketConnection final : public HttpResponder::Connection,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  enum class Kind : bool { served, beyond_limit };  // the latter is told that there are too many

  SocketConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop, IoSocket socket,
                   Kind kind);

  void start();
  void begin_stop();  // closes it, unless it is being answered: then soon
  void close();

  void answer(HttpResponse response) override;
  std::shared_ptr<EventStream> open_stream() override;

 private:
  enum class State { idle, head, body, working, writing, streaming, draining, closed };
  using Clock = std::chrono::steady_clock;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void begin_request();
  void read(std::size_t bytes_max);
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_end_of_input(const boost::system::error_code& error);
  void on_head_bytes();
  void parse_head(std::size_t size);
  void on_head(std::string_view target, int version);
  void begin_body();
  void on_body_bytes();
  bool hold_body(std::uint64_t bytes);  // so much of it is here; false: all connections' are too much
  void release_body() { hold_body(0); }
  void dispatch();
  std::optional<HttpAnswer> quick_answer() const;

  void refuse(const HttpRefusal& refusal, std::vector<HttpHeader> headers = {});
  AnswerForm form_now() const;
  void post_answer(HttpResponse response, const AnswerForm& form);
  void write_answer(HttpAnswer answer);
  void drain();
  void on_continue_written(const boost::system::error_code& error);
  void on_answer_written(const boost::system::error_code& error);
  // The texts, which stay until `then` is called; the deadline moves on while the client takes something.
  void write(const std::array<std::string_view, 3>& texts,
             void (SocketConnection::*then)(const boost::system::error_code&));

  void begin_stream(std::shared_ptr<EventQueue> events);
  void write_events(std::string events);
  void on_stream_written(const boost::system::error_code& error);
  void on_events();    // the queue has something
  void next_events();  // nothing is being written
  void finish_stream();
  void release_stream();

  void set_deadline(Duration from_now);
  void arm_timer();
  void on_timer();
  void on_deadline();
  void on_write_deadline();
  std::size_t unacknowledged();  // bytes written that the client's system has not

  std::string_view unread() const;

  const std::shared_ptr<ServerState> server_;
  const std::shared_ptr<IoLoop> loop_;  // outlives socket and timer
  const Kind kind_;
  IoSocket socket_;
  State state_ = State::idle;

  boost::beast::flat_buffer buffer_;
  bool is_reading_ = false;
  HeadScan scan_;
  bool has_begun_ = false;  // a request line, after empty ones
  std::optional<Parser> parser_;
  HttpRequest request_;
  std::uint64_t held_body_bytes_ = 0;  // in the server's sum
  AnswerForm form_;                    // constant while a worker has the request

  HttpAnswer answer_;               // being written
  std::size_t unacknowledged_ = 0;  // when the deadline of the write was set
  std::shared_ptr<EventQueue> events_;
  std::string chunk_begin_, chunk_;  // of a stream, being written
  bool is_writing_events_ = false;

  // The timer is not set anew for every deadline: it goes off too early, and then looks at the deadline.
  IoTimer timer_;
  Clock::time_point deadline_ = Clock::time_point::max();  // max: none
  Clock::time_point timer_at_ = Clock::time_point::max();  // max: it is not set
};

}  // namespace slipstream
