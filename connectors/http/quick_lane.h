// Where connections wait whose clients ask for what is answered at once, and threads that answer it. Any of the threads
// serves any connection: one that cannot run, because the system lets it wait, holds up the request that it was woken for
// and no other, as a loop would those of all its connections. Whatever else a client sends, and an answer that it does not
// take at once, goes back to a loop.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "connectors/http/answer_head.h"
#include "connectors/http/descriptor.h"
#include "connectors/http/detached_socket.h"
#include "connectors/http/server_state.h"

namespace slipstream {

class QuickLane {
 public:
  // A connection that goes back.
  struct HandedBack {
    DetachedSocket socket;
    std::string unread = {};                // what the client has sent
    bool is_for_worker = false;             // that is one request, which is not answered at once
    std::optional<HttpAnswer> unsent = {};  // what is to be sent of an answer, after which it goes on
  };
  using HandBack = std::function<void(HandedBack)>;  // any thread

  // Throws std::system_error: no more threads or descriptors. `server` outlives it.
  QuickLane(ServerState& server, int threads, HandBack hand_back);
  ~QuickLane();  // its connections are closed by then

  // A connection of the server's, of which nothing is unread; until it is handed back or closed. Any thread.
  void take(DetachedSocket socket);
  // Closes, soon and some at a time, those that have asked nothing for the limits' idle_time. Any thread.
  void close_idle();
  // When the server is stopping: closes all, soon, and what is taken later. Who is being answered gets it to the end. Any
  // thread.
  void close_all();

 private:
  using Clock = std::chrono::steady_clock;
  using Bytes = std::array<char, 8 << 10>;

  struct Client {
    explicit Client(DetachedSocket taken) : socket(std::move(taken)) {}
    DetachedSocket socket;
    std::mutex handing_on;  // by one thread to the next, which waits until it is done
    std::atomic<Clock::time_point> last_request = Clock::now();
    bool is_ended = false;  // guarded by mutex_: what it sends is not read to its end
  };

  // What can be done at once about what a client has sent.
  struct Attempt {
    std::optional<HttpAnswer> answer = {};
    bool is_for_worker = false;
  };
  enum class Sent { all, in_part, failed };

  void run();
  Client* next();  // one that has sent something, this thread's now; null: the lane ends
  void serve(Client& client, Bytes& bytes);
  void on_text(Client& client, std::string_view text);
  Attempt answer_to(std::string_view text) const;
  static Sent send(const Client& client, HttpAnswer& answer);  // which has what was not sent afterwards
  // Another thread's from then on; false: it is still this one's.
  bool watch(Client& client, int operation);
  void watch_again(Client& client);
  static void end_input(Client& client);
  std::unique_ptr<Client> let_go(Client& client);
  void close(std::unique_ptr<Client> client);
  void end_threads();

  ServerState& server_;
  const HandBack hand_back_;
  const Descriptor epoll_;
  const Descriptor end_;  // an eventfd that all threads see
  std::mutex mutex_;
  std::unordered_map<const Client*, std::unique_ptr<Client>> clients_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace slipstream
