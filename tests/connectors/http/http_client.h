// A client of raw bytes, and a server whose handler does what the path says.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "connectors/http/http_server.h"

namespace slipstream {

constexpr auto kPatience = std::chrono::seconds(30);  // that a test has with what should happen at once

struct ClientResponse {
  int status = 0;                              // 0: the connection ended before there was one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class TestClient {
 public:
  // `receive_bytes`: the system's buffer, for a client that reads slowly; 0: the system's choice.
  explicit TestClient(std::uint16_t port, int receive_bytes = 0);
  ~TestClient();
  TestClient(TestClient&& other) noexcept;
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool send(std::string_view bytes);  // false: the connection is broken
  void end_sending();
  void close();  // with unread bytes or not

  ClientResponse receive(bool has_body = true);     // the next answer
  std::string receive_until(std::string_view end);  // up to and with it, or to the connection's end
  std::string receive_all();                        // to the connection's end
  std::string receive_some();                       // what is there, or comes next; empty: the end
  bool has_ended();  // waits for it; false: something came instead, or nothing for kPatience

  ClientResponse get(std::string_view target, std::string_view headers = {});

 private:
  bool fill();  // false: the end, or nothing came for kPatience

  int socket_ = -1;
  std::string unread_;
  bool is_left_waiting_ = false;  // nothing came for kPatience
};

// /echo: the request's body. /size/N: N bytes. /status/N. /throw. /forget: no answer. /hold: when release() is called.
// /stream: a stream that the test takes by next_stream(). Any other path: 200 "ok". Answered at once: GET /now: "now";
// GET /now/N: N bytes.
class TestServer {
 public:
  explicit TestServer(HttpLimits limits = {}, int workers = 2);
  ~TestServer();

  HttpServer& server() { return *server_; }
  std::uint16_t port() const { return server_->port(); }
  void release();
  void wait_until_held(int count);             // requests that are at /hold, so far
  std::shared_ptr<EventStream> next_stream();  // null: it was refused
  void destroy() { server_.reset(); }

 private:
  void handle(const HttpRequest& request, HttpResponder responder);

  std::promise<void> released_;
  std::shared_future<void> is_released_ = released_.get_future().share();
  bool has_released_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  int held_ = 0;                                       // guarded by mutex_
  std::vector<std::shared_ptr<EventStream>> streams_;  // guarded by mutex_
  std::unique_ptr<HttpServer> server_;                 // last: its end waits for the handler
};

// Of a server of its own: eight threads with ten connections each, one after the other, and on each so many exchanges,
// every one with a number that no other has, which says whether the answer was right.
void expect_served_from_many_threads(std::size_t exchanges,
                                     const std::function<bool(TestClient&, std::size_t number)>& exchange);

// Whether it holds within kPatience.
template <class Condition>
bool comes_true(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline std::string with_host(std::string_view line, std::string_view more = {}) {
  return std::string(line).append(" HTTP/1.1\r\nHost: a\r\n").append(more).append("\r\n");
}

}  // namespace slipstream
