// An HTTP/1.1 client over Boost.Beast for one server: calls that block, on connections that are kept for the next. Any
// thread; each call has a connection to itself.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/time.h"

namespace slipstream {

struct HttpReply {
  int status = 0;
  std::string body;
};

class HttpClient {
 public:
  // `address`: "host:port", "[::1]:port"; looked up with the first call. Error invalid_value for one that is neither.
  static Result<std::unique_ptr<HttpClient>> of(const std::string& address);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends it once more when a kept connection turns out to be closed: only for what may be asked twice. Error io: no
  // answer within `patience`, or one of more than 64 MiB.
  Result<HttpReply> post(const std::string& target, std::string body, Duration patience);

  const std::string& address() const { return address_; }

 private:
  class Connection;

  HttpClient(std::string address, std::string host, std::string port);
  std::unique_ptr<Connection> take_kept();
  void keep(std::unique_ptr<Connection> connection);

  const std::string address_, host_, port_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> kept_;  // guarded by mutex_: nobody uses them
};

}  // namespace slipstream
