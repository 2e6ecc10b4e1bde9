#include "tests/connectors/http/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace slipstream {
namespace {

std::string in_lower_case(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::size_t number(std::string_view digits, int base = 10) {
  std::size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

}  // namespace

TestClient::TestClient(std::uint16_t port, int receive_bytes)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_bytes > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

TestClient::TestClient(TestClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), unread_(std::move(other.unread_)) {}

TestClient::~TestClient() { close(); }

void TestClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

bool TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void TestClient::end_sending() { shutdown(socket_, SHUT_WR); }

bool TestClient::fill() {
  std::array<char, 65536> bytes;
  const auto received = recv(socket_, bytes.data(), bytes.size(), 0);
  is_left_waiting_ = received < 0 && errno == EAGAIN;
  if (received <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(received));
  return true;
}

std::string TestClient::receive_until(std::string_view end) {
  std::size_t found = unread_.find(end);
  while (found == std::string::npos) {
    const std::size_t searched = unread_.size() - std::min(unread_.size(), end.size());
    if (!fill()) break;
    found = unread_.find(end, searched);
  }
  const std::size_t size = found == std::string::npos ? unread_.size() : found + end.size();
  std::string text = unread_.substr(0, size);
  unread_.erase(0, size);
  return text;
}

std::string TestClient::receive_all() {
  while (fill()) {
  }
  return std::exchange(unread_, {});
}

std::string TestClient::receive_some() {
  if (unread_.empty()) fill();
  return std::exchange(unread_, {});
}

bool TestClient::has_ended() { return unread_.empty() && !fill() && !is_left_waiting_; }

ClientResponse TestClient::receive(bool has_body) {
  ClientResponse response;
  const std::string head = receive_until("\r\n\r\n");
  if (!head.starts_with("HTTP/1.1 ") || !head.ends_with("\r\n\r\n")) return response;
  response.status = static_cast<int>(number(std::string_view(head).substr(9, 3)));
  std::size_t begin = head.find("\r\n") + 2;
  while (begin + 2 < head.size()) {
    const std::size_t end = head.find("\r\n", begin), colon = head.find(": ", begin);
    response.headers[in_lower_case(head.substr(begin, colon - begin))] =
        head.substr(colon + 2, end - colon - 2);
    begin = end + 2;
  }
  if (!has_body || !response.headers.contains("content-length")) return response;
  const std::size_t size = number(response.headers["content-length"]);
  while (unread_.size() < size && fill()) {
  }
  response.body = unread_.substr(0, size);
  unread_.erase(0, size);
  return response;
}

ClientResponse TestClient::get(std::string_view target, std::string_view headers) {
  send(with_host(std::string("GET ").append(target), headers));
  return receive();
}

namespace {

std::optional<HttpResponse> answer_now(const HttpRequest& request) {
  if (request.method != "GET" || request.segments.empty() || request.segments[0] != "now")
    return std::nullopt;
  std::string body = request.segments.size() < 2 ? "now" : std::string(number(request.segments[1]), 'a');
  return HttpResponse{.content_type = "text/plain", .body = std::move(body)};
}

}  // namespace

TestServer::TestServer(HttpLimits limits, int workers) {
  auto opened = HttpServer::open(
      {.workers = workers, .limits = limits},
      [this](HttpRequest request, HttpResponder responder) { handle(request, std::move(responder)); },
      answer_now);
  if (!opened) throw std::runtime_error(opened.error().message);
  server_ = *std::move(opened);
}

TestServer::~TestServer() { release(); }

void TestServer::release() {
  if (!std::exchange(has_released_, true)) released_.set_value();
}

void TestServer::wait_until_held(int count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return held_ >= count; }));
}

std::shared_ptr<EventStream> TestServer::next_stream() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return !streams_.empty(); })) return nullptr;
  auto stream = std::move(streams_.front());
  streams_.erase(streams_.begin());
  return stream;
}

void TestServer::handle(const HttpRequest& request, HttpResponder responder) {
  const std::string what = request.segments.empty() ? "" : request.segments[0];
  const std::size_t count = request.segments.size() < 2 ? 0 : number(request.segments[1]);
  if (what == "echo") return responder.answer({.content_type = "text/plain", .body = request.body});
  if (what == "size")
    return responder.answer({.content_type = "text/plain", .body = std::string(count, 'a')});
  if (what == "status") return responder.answer({.status = static_cast<int>(count), .body = "{}"});
  if (what == "throw") throw std::runtime_error("secret");
  if (what == "forget") return;
  if (what == "stream") {
    auto stream = responder.open_stream();
    const std::scoped_lock lock(mutex_);
    streams_.push_back(std::move(stream));
    changed_.notify_all();
    return;
  }
  if (what == "hold") {
    {
      const std::scoped_lock lock(mutex_);
      ++held_;
      changed_.notify_all();
    }
    is_released_.wait();
  }
  responder.answer({.content_type = "text/plain", .body = "ok"});
}

void expect_served_from_many_threads(std::size_t exchanges,
                                     const std::function<bool(TestClient&, std::size_t number)>& exchange) {
  constexpr std::size_t kThreads = 8, kConnections = 10;
  TestServer server({}, 4);
  std::atomic<std::size_t> good = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t connection = 0; connection < kConnections; ++connection) {
        TestClient client(server.port());
        for (std::size_t i = 0; i < exchanges; ++i)
          if (exchange(client, (t * kConnections + connection) * exchanges + i)) ++good;
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, kThreads * kConnections * exchanges);
  EXPECT_EQ(server.server().counts().requests, kThreads * kConnections * exchanges);
  EXPECT_TRUE(comes_true([&] { return server.server().counts().connections == 0; }));
}

}  // namespace slipstream
