// What a HttpResponder answers to: a client's connection, or a test's stand-in for one.
#pragma once

#include <memory>

#include "connectors/http/http_server.h"

namespace slipstream {

// One of the two is called once for a request, by any thread.
class HttpResponder::Connection {
 public:
  virtual ~Connection() = default;
  virtual void answer(HttpResponse response) = 0;
  virtual std::shared_ptr<EventStream> open_stream() = 0;
};

}  // namespace slipstream
