#include "connectors/http/request_connection.h"

#include <fmt/format.h>

#include <boost/beast/http/error.hpp>
#include <utility>

#include "connectors/http/stream_connection.h"
#include "connectors/http/wall_clock.h"

namespace slipstream {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kHeadReadBytes = 8 << 10;
constexpr std::size_t kBodyReadBytes = 64 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / kSecondUs; }

}  // namespace

RequestConnection::RequestConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop,
                                     IoSocket socket, Kind kind)
    : SocketConnection(std::move(server), std::move(loop), std::move(socket)),
      kind_(kind),
      scan_(server_->limits.header_bytes_max) {}

void RequestConnection::start() {
  enter();
  error_code ignored;  // without it answers come a little later
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (kind_ == Kind::served || server_->is_stopping) return begin_request();
  refuse({503, fmt::format("The server has the {} connections that it takes; try again later, or keep fewer.",
                           server_->limits.connections_max)},
         {{"Retry-After", "1"}});
}

void RequestConnection::resume(QuickLane::HandedBack handed_back) {
  enter();
  if (server_->is_closing) return close();
  if (handed_back.unsent) {
    is_quick_ = true;
    return write_answer(*std::move(handed_back.unsent));
  }
  const auto unread = asio::buffer(handed_back.unread);
  buffer_.commit(asio::buffer_copy(buffer_.prepare(unread.size()), unread));
  is_for_worker_ = handed_back.is_for_worker;
  begin_request();
}

void RequestConnection::begin_stop() {
  switch (state_) {
    case State::idle:
    case State::head:
    case State::body:
      return close();
    case State::continuing:
    case State::working:
    case State::writing:
      return;
  }
}

void RequestConnection::on_close() {
  release_body();
  server_->forget(kind_ == Kind::served ? server_->connections : server_->refusals);
}

// ---- reading

std::string_view RequestConnection::unread() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

void RequestConnection::begin_request() {
  if (server_->is_stopping) return close();
  state_ = State::idle;
  scan_ = HeadScan(server_->limits.header_bytes_max);
  has_begun_ = false;
  parser_.reset();
  form_ = {};
  answer_ = {};
  if (buffer_.size() > 0) return on_head_bytes();
  set_deadline(server_->limits.idle_time);
  read(kHeadReadBytes);
}

void RequestConnection::read(std::size_t bytes_max) {
  is_reading_ = true;
  socket_.async_read_some(buffer_.prepare(bytes_max),
                          [this, self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            on_read(error, bytes);
                          });
}

void RequestConnection::on_read(const error_code& error, std::size_t bytes) {
  is_reading_ = false;
  if (!is_open()) return;
  switch (state_) {
    case State::idle:
    case State::head:
      if (error) return on_end_of_input(error);
      buffer_.commit(bytes);
      return on_head_bytes();
    case State::body:
      if (error) return on_end_of_input(error);
      buffer_.commit(bytes);
      return on_body_bytes();
    case State::continuing:
    case State::working:
    case State::writing:  // the read that a refusal has cancelled
      return;
  }
}

void RequestConnection::on_end_of_input(const error_code& error) {
  if (error != asio::error::eof || state_ == State::idle) return close();
  refuse({400, state_ == State::head
                   ? "The request ends within its head; send the empty line that ends it."
                   : "The request ends within its body; send as much as its head announces."});
}

void RequestConnection::on_head_bytes() {
  if (state_ == State::idle) {
    state_ = State::head;
    set_deadline(server_->limits.head_time);
  }
  if (!has_begun_) {
    buffer_.consume(count_leading_blank_bytes(unread()));
    has_begun_ = !unread().empty() && unread() != "\r";
  }
  const auto size = scan_.find_end(unread());
  if (!size) return refuse(size.error());
  if (!*size) return read(kHeadReadBytes);
  on_head(**size);
}

void RequestConnection::on_head(std::size_t size) {
  parser_.emplace();
  RequestHead head = read_head(*parser_, unread().substr(0, size), server_->limits);
  buffer_.consume(size);
  request_ = std::move(head.request);
  form_ = head.form;
  if (head.refusal) return refuse(*head.refusal);
  if (parser_->is_done()) return dispatch();
  const bool waits = head.awaits_continue && buffer_.size() == 0;
  if (!waits) return begin_body();
  state_ = State::continuing;
  write({kContinue});
}

void RequestConnection::begin_body() {
  state_ = State::body;
  set_deadline(server_->limits.body_time);
  parser_->eager(true);
  on_body_bytes();
}

void RequestConnection::on_body_bytes() {
  // What is left of a chunked body is never shorter, and Beast aborts over a shorter piece that begins with it.
  const std::size_t put_bytes_min = parser_->chunked() ? kLastChunk.size() : 1;
  while (buffer_.size() >= put_bytes_min && !parser_->is_done()) {
    error_code error;
    const std::size_t used = parser_->put(buffer_.cdata(), error);
    buffer_.consume(used);
    if (error == http::error::need_more) break;
    if (error == http::error::body_limit) return refuse(body_too_large(server_->limits));
    if (error) return refuse({400, fmt::format("The body is malformed: {}; see RFC 9112.", error.message())});
  }
  if (!hold_body(parser_->get().body().size()))
    return refuse(
        {503, fmt::format("The bodies that are being read and answered have more than {} bytes together; try "
                          "again after a second.",
                          server_->limits.bodies_bytes_max)},
        {{"Retry-After", "1"}});
  if (parser_->is_done()) return dispatch();
  if (buffer_.size() > server_->limits.header_bytes_max)
    return refuse(
        {431,
         fmt::format("A chunk's line or the trailers have more than the {} bytes that are taken; leave out "
                     "extensions and trailers.",
                     server_->limits.header_bytes_max)});
  read(kBodyReadBytes);
}

// One body alone is never too much.
bool RequestConnection::hold_body(std::uint64_t bytes) {
  const std::uint64_t others = (server_->bodies_bytes += bytes - held_body_bytes_) - bytes;
  held_body_bytes_ = bytes;
  return others == 0 || others + bytes <= server_->limits.bodies_bytes_max;
}

void RequestConnection::dispatch() {
  request_.body = std::move(parser_->get().body());
  state_ = State::working;
  clear_deadline();
  ++server_->requests;
  if (!std::exchange(is_for_worker_, false)) {
    if (auto answer = server_->answer_quickly(request_, form_)) {
      is_quick_ = true;
      return write_answer(*std::move(answer));
    }
  }
  if (server_->workers->try_push(request_, self())) return;
  refuse(
      {503, fmt::format("{} requests wait already; try again after a second.", server_->limits.waiting_max)},
      {{"Retry-After", "1"}});
}

// ---- answering

void RequestConnection::refuse(const HttpRefusal& refusal, std::vector<HttpHeader> headers) {
  if (state_ != State::working) ++server_->requests;
  ++server_->refused;
  error_code ignored;
  if (is_reading_) socket_.cancel(ignored);
  HttpResponse response = problem(refusal.status, refusal.detail);
  response.headers = std::move(headers);
  form_.keeps_alive = false;
  write_answer(make_answer(std::move(response), form_, unix_seconds_now()));
}

void RequestConnection::answer(HttpResponse response) {
  post_answer(std::move(response), server_->form_now(form_));
}

void RequestConnection::post_answer(HttpResponse response, const AnswerForm& form) {
  auto answer = make_answer(std::move(response), form, unix_seconds_now());
  loop_->post([self = self(), answer = std::move(answer)]() mutable {
    if (self->is_open()) self->write_answer(std::move(answer));
  });
}

void RequestConnection::write_answer(HttpAnswer answer) {
  state_ = State::writing;
  parser_.reset();
  release_body();
  answer_ = std::move(answer);
  write({answer_.head, answer_.body});
}

void RequestConnection::on_written(const error_code& error) {
  if (error) return close();
  if (state_ == State::continuing) return server_->is_stopping ? close() : begin_body();
  answer_.keeps_alive ? on_answered() : drain();
}

void RequestConnection::on_answered() {
  const bool was_quick = std::exchange(is_quick_, false);
  if (!was_quick || buffer_.size() > 0 || server_->is_stopping) return begin_request();
  if (auto socket = leave()) server_->quick_lane->take(*std::move(socket));
}

// ---- event streams

std::shared_ptr<EventStream> RequestConnection::open_stream() {
  const bool has_room = ++server_->streams <= server_->limits.streams_max;
  if (!has_room || server_->is_stopping) {
    --server_->streams;
    ++server_->refused;
    AnswerForm form = form_;
    form.keeps_alive = false;
    HttpResponse response = problem(
        503, has_room ? "The server stops; try again after a second."
                      : fmt::format("The server has the {} event streams that it takes; try again later.",
                                    server_->limits.streams_max));
    response.headers = {{"Retry-After", "1"}};
    post_answer(std::move(response), form);
    return nullptr;
  }
  auto events = std::make_shared<EventQueue>();
  if (!loop_->post([self = self(), events] { self->hand_over(events); })) {
    events->close();
    --server_->streams;
  }
  return std::make_shared<QueuedEventStream>(std::move(events));
}

void RequestConnection::hand_over(std::shared_ptr<EventQueue> events) {
  if (is_open() && !form_.is_head) {
    if (auto left = leave()) {
      release_body();
      if (auto socket = std::move(*left).attach_to(*server_->stream_loop)) {
        auto stream = std::make_shared<StreamConnection>(server_, server_->stream_loop, *std::move(socket),
                                                         form_, std::move(events));
        // Its loop has not finished: it is waited for this connection.
        server_->stream_loop->post([stream = std::move(stream)] { stream->start(); });
        return;
      }
      server_->forget(server_->connections);
    }
  }
  events->close();
  --server_->streams;
  if (is_open()) write_answer({.head = stream_head(form_, unix_seconds_now())});
}

void RequestConnection::on_deadline() {
  const HttpLimits& limits = server_->limits;
  switch (state_) {
    case State::head:
      return refuse(
          {408, fmt::format("The head of the request took longer than the {} s that are waited for it.",
                            seconds_of(limits.head_time))});
    case State::body:
      return refuse(
          {408, fmt::format("The body of the request took longer than the {} s that are waited for it; send "
                            "less at a time.",
                            seconds_of(limits.body_time))});
    case State::continuing:
    case State::writing:
      return on_write_deadline();
    case State::idle:
      return close();
    case State::working:
      return;
  }
}

}  // namespace slipstream
