#include <utility>

#include "connectors/http/responder_connection.h"

namespace slipstream {

HttpResponder::HttpResponder(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

HttpResponder::HttpResponder(HttpResponder&&) noexcept = default;

HttpResponder& HttpResponder::operator=(HttpResponder&& other) noexcept {
  std::swap(connection_, other.connection_);  // what this one owed, the other answers when it is destroyed
  return *this;
}

HttpResponder::~HttpResponder() {
  if (connection_ == nullptr) return;
  answer(problem(500, "The server made no answer to this request; this is a fault of the server."));
}

void HttpResponder::answer(HttpResponse response) {
  SLIPSTREAM_INVARIANT(connection_ != nullptr, "a request is answered once");
  std::exchange(connection_, nullptr)->answer(std::move(response));
}

std::shared_ptr<EventStream> HttpResponder::open_stream() {
  SLIPSTREAM_INVARIANT(connection_ != nullptr, "a request is answered once");
  return std::exchange(connection_, nullptr)->open_stream();
}

}  // namespace slipstream
