// A client's event stream: writes what its queue has, as soon as the client takes it, until one of the two ends it. All
// belongs to the loop's thread.
#pragma once

#include <memory>
#include <string>

#include "connectors/http/answer_head.h"
#include "connectors/http/event_queue.h"
#include "connectors/http/socket_connection.h"

namespace slipstream {

class StreamConnection final : public SocketConnection {
 public:
  // Counts as one of the server's connections and as one of its streams, until it closes.
  StreamConnection(std::shared_ptr<ServerState> server, std::shared_ptr<IoLoop> loop, IoSocket socket,
                   const AnswerForm& form, std::shared_ptr<EventQueue> events);

  void start();
  void begin_stop() override;

 private:
  void on_written(const boost::system::error_code& error) override;
  void on_deadline() override;
  void on_close() override;

  void write_events(std::string events);
  void on_events();    // the queue has something
  void next_events();  // nothing is being written
  void finish();

  const bool takes_chunks_;
  const std::shared_ptr<EventQueue> events_;
  std::string chunk_begin_, chunk_;  // being written
  bool is_writing_ = false;
  bool is_last_ = false;  // what is being written
};

}  // namespace slipstream
