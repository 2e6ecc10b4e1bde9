#include "connectors/http/detached_socket.h"

#include <unistd.h>

#include <utility>

namespace slipstream {

using boost::system::error_code;

boost::system::result<DetachedSocket> DetachedSocket::from(IoSocket& socket) {
  error_code error;
  const auto protocol = socket.local_endpoint(error).protocol();
  if (error) return error;
  const int descriptor = socket.release(error);
  if (error) return error;
  return DetachedSocket(descriptor, protocol);
}

DetachedSocket::DetachedSocket(DetachedSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), protocol_(other.protocol_) {}

DetachedSocket::~DetachedSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

boost::system::result<IoSocket> DetachedSocket::attach_to(IoLoop& loop) && {
  IoSocket socket(loop.context());
  error_code error;
  if (socket.assign(protocol_, descriptor_, error)) return error;
  descriptor_ = -1;
  return socket;
}

}  // namespace slipstream
