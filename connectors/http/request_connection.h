// A client's requests: one after the other, each read, checked, answered at once or by a worker. All but
// HttpResponder::Connection's calls belongs to the loop's thread.
//
//   idle -> head -> body -> working -> writing -> idle, drained and closed, or the quick lane
//                              |
//                              v
//                     a stream's connection
//
// A refusal writes from head or body. Who was answered at once waits for the next request in the quick lane.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/answer_head.h"
#include "connectors/http/event_queue.h"
#include "connectors/http/head_reader.h"
#include "connectors/http/quick_lane.h"
#include "connectors/http/request_head.h"
#include "connectors/http/responder_connection.h"
#include "connectors/http/socket_connection.h"

namespace slipstream {

class RequestConnection final : public SocketConnection, public HttpResponder::Connection {
 public:
  enum class Kind : bool { served, beyond_limit };  // the latter is told that there are too many

  RequestConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop, IoSocket socket,
                    Kind kind);

  void start();
  void resume(QuickLane::HandedBack handed_back);  // whose socket is this one's
  void begin_stop() override;

  void answer(HttpResponse response) override;
  std::shared_ptr<EventStream> open_stream() override;

 private:
  enum class State { idle, head, continuing, body, working, writing };

  void begin_request();
  void read(std::size_t bytes_max);
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_end_of_input(const boost::system::error_code& error);
  void on_head_bytes();
  void on_head(std::size_t size);
  void begin_body();
  void on_body_bytes();
  bool hold_body(std::uint64_t bytes);  // so much of it is here; false: all connections' are too much
  void release_body() { hold_body(0); }
  void dispatch();

  void refuse(const HttpRefusal& refusal, std::vector<HttpHeader> headers = {});
  void post_answer(HttpResponse response, const AnswerForm& form);
  void write_answer(HttpAnswer answer);
  void on_answered();
  void on_written(const boost::system::error_code& error) override;
  void on_deadline() override;
  void on_close() override;

  void hand_over(std::shared_ptr<EventQueue> events);  // to the streams' loop

  std::string_view unread() const;

  std::shared_ptr<RequestConnection> self() {
    return std::static_pointer_cast<RequestConnection>(shared_from_this());
  }

  const Kind kind_;
  State state_ = State::idle;

  boost::beast::flat_buffer buffer_;
  bool is_reading_ = false;
  HeadScan scan_;
  bool has_begun_ = false;  // a request line, after empty ones
  std::optional<RequestParser> parser_;
  HttpRequest request_;
  std::uint64_t held_body_bytes_ = 0;  // in the server's sum
  AnswerForm form_;                    // constant while a worker has the request

  HttpAnswer answer_;  // being written
  bool is_quick_ = false;
  bool is_for_worker_ = false;  // the next request, which the quick lane did not answer
};

}  // namespace slipstream
