// A client's socket that no loop knows: on its way from one thread to another. Closed with its end.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include "connectors/http/descriptor.h"
#include "connectors/http/io_loop.h"

namespace slipstream {

class DetachedSocket {
 public:
  // Nothing may be under way on `socket`, which has none afterwards.
  static boost::system::result<DetachedSocket> from(IoSocket& socket);

  int descriptor() const { return descriptor_.number(); }
  // The loop's from then on, unless there is an error.
  boost::system::result<IoSocket> attach_to(IoLoop& loop) &&;

 private:
  DetachedSocket(int descriptor, boost::asio::ip::tcp protocol)
      : descriptor_(descriptor), protocol_(protocol) {}

  Descriptor descriptor_;
  boost::asio::ip::tcp protocol_;
};

}  // namespace slipstream
