#include "connectors/http/detached_socket.h"

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

boost::system::result<IoSocket> DetachedSocket::attach_to(IoLoop& loop) && {
  IoSocket socket(loop.context());
  error_code error;
  if (socket.assign(protocol_, descriptor_.number(), error)) return error;
  descriptor_.release();
  return socket;
}

}  // namespace slipstream
