#include "connectors/http/socket_connection.h"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <utility>

#include "connectors/http/accepted_encoding.h"
#include "connectors/http/request_target.h"
#include "engine/expression/utf8.h"

namespace slipstream {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kHeadReadBytes = 8 << 10;
constexpr std::size_t kBodyReadBytes = 64 << 10;
constexpr std::size_t kWriteBytes = 1 << 20;
// What a refused client may still send while it has not read why: closed sooner, its system would throw the answer away.
constexpr Duration kDrainTime = seconds(1);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// What is left of a chunked body is never shorter, and Beast aborts over a shorter piece that begins with it.
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kChunkEnd = "\r\n";
constexpr std::string_view kKeepAliveComment = ":\n\n";

std::int64_t unix_seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string joined_header(const HttpRequest& request, std::string_view lower_case_name) {
  std::string joined;
  for (const auto& header : request.headers)
    if (lower_case(header.name) == lower_case_name)
      joined.append(joined.empty() ? "" : ",").append(header.value);
  return joined;
}

asio::const_buffer as_buffer(std::string_view text) { return {text.data(), text.size()}; }

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / kSecondUs; }

HttpRefusal body_too_large(const HttpLimits& limits) {
  return {413, fmt::format("The body has more than the {} bytes that are taken; send it in several requests.",
                           limits.body_bytes_max)};
}

}  // namespace

SocketConnection::SocketConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop,
                                   IoSocket socket, Kind kind)
    : server_(std::move(server)),
      loop_(std::move(loop)),
      kind_(kind),
      socket_(std::move(socket)),
      scan_(server_->limits.header_bytes_max),
      timer_(loop_->context()) {}

void SocketConnection::start() {
  loop_->connections().insert(shared_from_this());
  error_code ignored;  // without it answers come a little later
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (kind_ == Kind::served || server_->is_stopping) return begin_request();
  refuse({503, fmt::format("The server has the {} connections that it takes; try again later, or keep fewer.",
                           server_->limits.connections_max)},
         {{"Retry-After", "1"}});
}

void SocketConnection::begin_stop() {
  switch (state_) {
    case State::idle:
    case State::head:
    case State::body:
      return close();
    case State::streaming:
      events_->close();
      if (!is_writing_events_) finish_stream();
      return;
    case State::working:
    case State::writing:
    case State::draining:
    case State::closed:
      return;
  }
}

void SocketConnection::close() {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();  // the loop lets go of it
  state_ = State::closed;
  release_stream();
  release_body();
  error_code ignored;
  timer_.cancel();
  socket_.close(ignored);
  loop_->connections().erase(self);
  server_->forget(kind_ == Kind::served ? server_->connections : server_->refusals);
}

// ---- reading

std::string_view SocketConnection::unread() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

void SocketConnection::begin_request() {
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

void SocketConnection::read(std::size_t bytes_max) {
  is_reading_ = true;
  socket_.async_read_some(buffer_.prepare(bytes_max),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->on_read(error, bytes);
                          });
}

void SocketConnection::on_read(const error_code& error, std::size_t bytes) {
  is_reading_ = false;
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
    case State::streaming:  // what a client sends after its request is not looked at; that it goes is
      return error ? close() : read(kHeadReadBytes);
    case State::draining:
      // Aborted: the read that a refusal has cancelled.
      return error && error != asio::error::operation_aborted ? close() : read(kBodyReadBytes);
    case State::working:
    case State::writing:
    case State::closed:
      return;
  }
}

void SocketConnection::on_end_of_input(const error_code& error) {
  if (error != asio::error::eof || state_ == State::idle) return close();
  refuse({400, state_ == State::head
                   ? "The request ends within its head; send the empty line that ends it."
                   : "The request ends within its body; send as much as its head announces."});
}

void SocketConnection::on_head_bytes() {
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
  parse_head(**size);
}

void SocketConnection::parse_head(std::size_t size) {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(size));
  parser_->body_limit(server_->limits.body_bytes_max);
  error_code error;
  parser_->put(asio::const_buffer(buffer_.cdata().data(), size), error);
  if (error == http::error::bad_version) return refuse(refuse_version(unread().substr(0, size)));
  if (error == http::error::body_limit) return refuse(body_too_large(server_->limits));
  if (error || !parser_->is_header_done())
    return refuse({400, fmt::format("The head of the request is malformed: {}; see RFC 9112.",
                                    error ? error.message() : "no end")});
  buffer_.consume(size);

  const auto& message = parser_->get();
  request_ = {};
  request_.method = message.method_string();
  for (const auto& field : message)
    request_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  form_ = {.is_head = request_.method == "HEAD",
           .takes_gzip = accepts_gzip(joined_header(request_, "accept-encoding")),
           .keeps_alive = message.keep_alive(),
           .takes_chunks = message.version() >= 11};
  on_head(message.target(), static_cast<int>(message.version()));
}

void SocketConnection::on_head(std::string_view target, int version) {
  if (const auto refusal = check_head(request_, version)) return refuse(*refusal);
  if (request_.header("Transfer-Encoding") && !parser_->chunked())
    return refuse({400, "The Transfer-Encoding is malformed; it is chunked, once."});
  auto parsed = parse_request_target(target);
  if (!parsed) return refuse({400, parsed.error().message});
  request_.segments = std::move(parsed->segments);
  request_.query = std::move(parsed->query);
  if (parser_->is_done()) return dispatch();
  const bool waits = version >= 11 && request_.header("Expect") && buffer_.size() == 0;
  if (!waits) return begin_body();
  state_ = State::writing;
  write({kContinue}, &SocketConnection::on_continue_written);
}

void SocketConnection::on_continue_written(const error_code& error) {
  if (error || server_->is_stopping) return close();
  begin_body();
}

void SocketConnection::begin_body() {
  state_ = State::body;
  set_deadline(server_->limits.body_time);
  parser_->eager(true);
  on_body_bytes();
}

void SocketConnection::on_body_bytes() {
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
bool SocketConnection::hold_body(std::uint64_t bytes) {
  const std::uint64_t others = (server_->bodies_bytes += bytes - held_body_bytes_) - bytes;
  held_body_bytes_ = bytes;
  return others == 0 || others + bytes <= server_->limits.bodies_bytes_max;
}

void SocketConnection::dispatch() {
  request_.body = std::move(parser_->get().body());
  state_ = State::working;
  deadline_ = Clock::time_point::max();
  ++server_->requests;
  if (auto answer = quick_answer()) return write_answer(*std::move(answer));
  if (server_->workers->try_push(request_, shared_from_this())) return;
  refuse(
      {503, fmt::format("{} requests wait already; try again after a second.", server_->limits.waiting_max)},
      {{"Retry-After", "1"}});
}

std::optional<HttpAnswer> SocketConnection::quick_answer() const {
  if (!server_->quick_answer) return std::nullopt;
  try {
    auto response = server_->quick_answer(request_);
    if (!response) return std::nullopt;
    return make_answer(*std::move(response), form_now(), unix_seconds_now());
  } catch (...) {
    return std::nullopt;
  }
}

// ---- answering

AnswerForm SocketConnection::form_now() const {
  AnswerForm form = form_;
  form.keeps_alive = form.keeps_alive && !server_->is_stopping;
  return form;
}

void SocketConnection::refuse(const HttpRefusal& refusal, std::vector<HttpHeader> headers) {
  if (state_ != State::working) ++server_->requests;
  ++server_->refused;
  error_code ignored;
  if (is_reading_) socket_.cancel(ignored);
  HttpResponse response = problem(refusal.status, refusal.detail);
  response.headers = std::move(headers);
  form_.keeps_alive = false;
  write_answer(make_answer(std::move(response), form_, unix_seconds_now()));
}

void SocketConnection::answer(HttpResponse response) { post_answer(std::move(response), form_now()); }

void SocketConnection::post_answer(HttpResponse response, const AnswerForm& form) {
  auto answer = make_answer(std::move(response), form, unix_seconds_now());
  loop_->post([self = shared_from_this(), answer = std::move(answer)]() mutable {
    if (self->state_ == State::working) self->write_answer(std::move(answer));
  });
}

void SocketConnection::write_answer(HttpAnswer answer) {
  state_ = State::writing;
  parser_.reset();
  release_body();
  answer_ = std::move(answer);
  write({answer_.head, answer_.body}, &SocketConnection::on_answer_written);
}

void SocketConnection::on_answer_written(const error_code& error) {
  if (error) return close();
  answer_.keeps_alive ? begin_request() : drain();
}

void SocketConnection::drain() {
  state_ = State::draining;
  error_code ignored;  // the client has gone, which the read says
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  set_deadline(kDrainTime);
  buffer_.clear();
  if (!is_reading_) read(kBodyReadBytes);
}

void SocketConnection::write(const std::array<std::string_view, 3>& texts,
                             void (SocketConnection::*then)(const error_code&)) {
  const std::size_t size = texts[0].size() + texts[1].size() + texts[2].size();
  unacknowledged_ = std::numeric_limits<std::size_t>::max();
  asio::async_write(
      socket_, std::array{as_buffer(texts[0]), as_buffer(texts[1]), as_buffer(texts[2])},
      [this, size](const error_code& error, std::size_t bytes) -> std::size_t {
        if (error || state_ == State::closed) return 0;
        if (bytes > 0 && bytes < size) unacknowledged_ = unacknowledged();
        set_deadline(server_->limits.write_time);
        return kWriteBytes;
      },
      [self = shared_from_this(), then](const error_code& error, std::size_t) {
        if (self->state_ != State::closed) ((*self).*then)(error);
      });
}

// ---- event streams

std::shared_ptr<EventStream> SocketConnection::open_stream() {
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
  auto events = std::make_shared<EventQueue>([weak = weak_from_this(), loop = loop_] {
    loop->post([weak] {
      if (const auto self = weak.lock()) self->on_events();
    });
  });
  if (!loop_->post([self = shared_from_this(), events] { self->begin_stream(events); })) {
    events->close();
    --server_->streams;
  }
  return std::make_shared<QueuedEventStream>(std::move(events));
}

void SocketConnection::begin_stream(std::shared_ptr<EventQueue> events) {
  events_ = std::move(events);
  if (state_ == State::closed) return release_stream();
  chunk_begin_ = stream_head(form_, unix_seconds_now());
  if (form_.is_head) {
    release_stream();
    return write_answer({.head = std::move(chunk_begin_)});
  }
  state_ = State::streaming;
  is_writing_events_ = true;
  buffer_.clear();
  read(kHeadReadBytes);
  write({chunk_begin_}, &SocketConnection::on_stream_written);
}

void SocketConnection::write_events(std::string events) {
  is_writing_events_ = true;
  chunk_ = std::move(events);
  chunk_begin_ = form_.takes_chunks ? fmt::format("{:x}\r\n", chunk_.size()) : "";
  write({chunk_begin_, chunk_, form_.takes_chunks ? kChunkEnd : std::string_view()},
        &SocketConnection::on_stream_written);
}

void SocketConnection::on_stream_written(const error_code& error) {
  is_writing_events_ = false;
  if (error) return close();
  next_events();
}

void SocketConnection::on_events() {
  if (state_ != State::streaming) return;
  if (!is_writing_events_) return next_events();
  if (events_->is_closed() && !server_->is_stopping) close();  // too much waits
}

void SocketConnection::next_events() {
  if (auto events = events_->take()) return write_events(*std::move(events));
  // After take(): whoever closes it from then on wakes the connection again.
  if (events_->is_closed()) return server_->is_stopping ? finish_stream() : close();
  if (events_->is_finished()) return finish_stream();
  set_deadline(server_->limits.keep_alive_time);
}

void SocketConnection::finish_stream() {
  release_stream();
  if (!form_.takes_chunks) return drain();
  write_answer({.head = std::string(kLastChunk)});
}

void SocketConnection::release_stream() {
  if (events_ == nullptr) return;
  events_->close();
  events_.reset();
  --server_->streams;
}

// ---- time

void SocketConnection::set_deadline(Duration from_now) {
  deadline_ = Clock::now() + std::chrono::microseconds(from_now.us);
  if (deadline_ < timer_at_) arm_timer();
}

void SocketConnection::arm_timer() {
  timer_at_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error != asio::error::operation_aborted) self->on_timer();
  });
}

void SocketConnection::on_timer() {
  if (state_ == State::closed) return;
  const auto now = Clock::now();
  if (now < timer_at_) return;  // of an earlier setting, whose call was on its way
  timer_at_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;
  if (now < deadline_) return arm_timer();
  deadline_ = Clock::time_point::max();
  on_deadline();
}

void SocketConnection::on_deadline() {
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
    case State::streaming:
      if (is_writing_events_) return on_write_deadline();
      if (events_->begin_comment()) return write_events(std::string(kKeepAliveComment));
      return set_deadline(limits.keep_alive_time);  // events are on their way
    case State::writing:
      return on_write_deadline();
    case State::idle:
    case State::draining:
      return close();
    case State::working:
    case State::closed:
      return;
  }
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

}  // namespace slipstream
