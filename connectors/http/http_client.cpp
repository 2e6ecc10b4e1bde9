#include "connectors/http/http_client.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>

#include "connectors/http/io_loop.h"

namespace slipstream {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;
using Tcp = boost::asio::ip::tcp;

constexpr std::size_t kKeptMax = 8;
constexpr std::uint64_t kAnswerBytesMax = 64 << 20;

}  // namespace

// Its calls run on the caller's thread: each starts one and lets it go on until it is done or time is over.
class HttpClient::Connection {
 public:
  Connection() : socket_(context_) {}

  error_code connect(const std::string& host, const std::string& port, steady_clock::time_point until) {
    boost::asio::ip::basic_resolver<Tcp, IoExecutor> resolver(context_);
    error_code result = boost::asio::error::timed_out;
    resolver.async_resolve(host, port, [&](const error_code& failed, const auto& found) {
      result = failed;
      if (failed) return;
      result = boost::asio::error::timed_out;
      boost::asio::async_connect(socket_, found,
                                 [&](const error_code& error, const Tcp::endpoint&) { result = error; });
    });
    run(until, [&] { resolver.cancel(); });
    if (!result) socket_.set_option(Tcp::no_delay(true), result);
    return result;
  }

  error_code exchange(const http::request<http::string_body>& request, HttpReply& answer,
                      steady_clock::time_point until) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    error_code result = boost::asio::error::timed_out;
    http::async_write(socket_, request, [&](const error_code& failed, std::size_t) {
      result = failed;
      if (failed) return;
      result = boost::asio::error::timed_out;
      http::async_read(socket_, buffer_, parser,
                       [&](const error_code& error, std::size_t) { result = error; });
    });
    run(until, [] {});
    if (result) return result;
    answer.status = parser.get().result_int();
    answer.body = std::move(parser.get().body());
    can_be_kept_ = parser.get().keep_alive();
    return {};
  }

  bool can_be_kept() const { return can_be_kept_; }

 private:
  template <class Cancel>
  void run(steady_clock::time_point until, const Cancel& cancel) {
    context_.restart();
    context_.run_until(until);
    if (context_.stopped()) return;
    cancel();
    error_code ignored;
    socket_.close(ignored);
    context_.run();  // what was under way ends as cancelled; it refers to the caller's variables
  }

  boost::asio::io_context context_{1};
  IoSocket socket_;
  boost::beast::flat_buffer buffer_;
  bool can_be_kept_ = false;
};

HttpClient::HttpClient(std::string address, std::string host, std::string port)
    : address_(std::move(address)), host_(std::move(host)), port_(std::move(port)) {}

HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (colon == std::string::npos || host.empty() || colon + 1 == address.size())
    return fail(ErrorCode::invalid_value,
                fmt::format("'{}' is no address with a port, such as host:8081", address));
  return std::unique_ptr<HttpClient>(new HttpClient(address, std::move(host), address.substr(colon + 1)));
}

std::unique_ptr<HttpClient::Connection> HttpClient::take_kept() {
  const std::scoped_lock lock(mutex_);
  if (kept_.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(kept_.back());
  kept_.pop_back();
  return connection;
}

void HttpClient::keep(std::unique_ptr<Connection> connection) {
  const std::scoped_lock lock(mutex_);
  if (connection->can_be_kept() && kept_.size() < kKeptMax) kept_.push_back(std::move(connection));
}

Result<HttpReply> HttpClient::post(const std::string& target, std::string body, Duration patience) {
  const auto until = steady_clock::now() + std::chrono::microseconds(patience.us);
  http::request<http::string_body> request(http::verb::post, target, 11);
  request.set(http::field::host, address_);
  request.set(http::field::content_type, "application/octet-stream");
  request.body() = std::move(body);
  request.prepare_payload();
  HttpReply answer;
  error_code error;
  while (auto kept = take_kept()) {
    error = kept->exchange(request, answer, until);
    if (!error) {
      keep(std::move(kept));
      return answer;
    }
    if (steady_clock::now() >= until) break;
  }
  auto fresh = std::make_unique<Connection>();
  if (steady_clock::now() < until) error = fresh->connect(host_, port_, until);
  if (!error) error = fresh->exchange(request, answer, until);
  if (error) return fail(ErrorCode::io, fmt::format("{} does not answer: {}", address_, error.message()));
  keep(std::move(fresh));
  return answer;
}

}  // namespace slipstream
