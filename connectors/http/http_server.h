// An HTTP/1.1 server over Boost.Beast: sockets, limits, compression and event streams; what is asked and answered is
// its user's. Threads of its own read and write and never run the user's handler; the handler runs on other threads,
// `workers` at a time, and requests wait for one in a bounded queue. What is answered in no time is answered by the
// thread that has read it: handing it over and back takes longer; connections that have asked for such wait where any of
// several threads serves them. Event streams have a thread of their own, which gives way to the others: an event that
// hundreds of clients are told at once holds up no request.
//
// A connection handles one request at a time; those that a client sends ahead wait in its socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connectors/http/http_message.h"
#include "engine/base/error.h"
#include "engine/base/time.h"

namespace slipstream {

struct HttpLimits {
  std::uint64_t header_bytes_max = 16 << 10;  // beyond: 431
  std::uint64_t body_bytes_max = 10 << 20;    // beyond: 413
  std::uint64_t bodies_bytes_max =
      256 << 20;  // of all requests that are not answered; beyond: 503 with Retry-After: 1
  std::size_t connections_max = 1024;  // beyond: 503 at once, and closed
  std::size_t streams_max = 1000;      // event streams among them; beyond: 503
  std::size_t waiting_max = 256;       // requests that wait for a worker; beyond: 503 with Retry-After: 1
  Duration head_time = seconds(10);    // from the first byte of a request to the end of its head; beyond: 408
  Duration body_time = seconds(60);    // from there to the end of its body; beyond: 408
  Duration idle_time = seconds(60);    // between requests; beyond: closed soon
  Duration write_time = seconds(30);   // for a client to take anything of an answer; beyond: closed
  Duration keep_alive_time = seconds(15);  // a stream that says nothing so long gets a comment
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // to listen on: an IPv4 or IPv6 address
  std::uint16_t port = 0;             // 0: a free one
  int io_threads = 2;                 // that read requests and write answers
  int quick_threads = 4;              // that read and answer what is answered at once
  int workers = 2;
  HttpLimits limits = {};
};

// Server-sent events to one client. Any thread. The stream ends, after what was sent, when its last holder lets go.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Nothing waits to be written: what is sent now goes out at once.
  virtual bool is_idle() const = 0;
  // The client has gone, or the server stops.
  virtual bool is_closed() const = 0;
  // Bytes in the text/event-stream format, whole events. Ignored when it is closed. The sender keeps to is_idle(), so
  // that a slow client has one write to come and never a queue; where 1 MiB waits behind a write the stream is closed.
  virtual void send(std::string events) = 0;
};

// The answer to one request, given once, by any thread, then or later. Destroyed without an answer it is 500.
class HttpResponder {
 public:
  class Connection;  // responder_connection.h
  explicit HttpResponder(std::shared_ptr<Connection> connection);
  HttpResponder(HttpResponder&&) noexcept;
  HttpResponder& operator=(HttpResponder&&) noexcept;
  ~HttpResponder();

  // Adds Content-Length, Date and Connection; compresses a body of more than 1,000 bytes when the client takes gzip
  // (then with Vary: Accept-Encoding, as uncompressed ones of that size); sends no body to HEAD and for 204 and 304.
  void answer(HttpResponse response);
  // 200 with text/event-stream, not compressed; closed at once for HEAD. Null: too many streams, or the server stops, and
  // 503 was answered.
  std::shared_ptr<EventStream> open_stream();

 private:
  std::shared_ptr<Connection> connection_;  // null: answered
};

class HttpServer {
 public:
  // By a worker; what it throws is 500.
  using Handler = std::function<void(HttpRequest, HttpResponder)>;

  // The answer to a request that needs no waiting and takes microseconds; nullopt: a worker is to handle it, also after a
  // throw. By io_threads, whose other connections stand still meanwhile, and quick_threads.
  using QuickAnswer = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  // Listens at once. `quick_answer`: empty: workers handle all. Errors: invalid_value for an address that is none and for
  // no threads; io for one that cannot be listened on, with address, port and why.
  static Result<std::unique_ptr<HttpServer>> open(const HttpServerOptions& options, Handler handler,
                                                  QuickAnswer quick_answer = {});
  virtual ~HttpServer() = default;  // stop() without patience

  virtual std::uint16_t port() const = 0;
  struct Counts {
    std::uint64_t connections = 0;  // open now
    std::uint64_t streams = 0;      // of them
    std::uint64_t body_bytes = 0;   // held now, of requests that are being read or not answered yet
    std::uint64_t requests = 0;     // so far, those refused by a limit included
    std::uint64_t refused = 0;      // of them, by a limit or as malformed
  };
  virtual Counts counts() const = 0;
  // Accepts nothing more, ends streams, lets requests that are being answered finish for up to `patience`, closes the rest.
  // Returns when the handler's calls have; not to be called by one. Later answers and events are dropped.
  virtual void stop(Duration patience) = 0;
};

}  // namespace slipstream
