// Where connections wait whose clients ask for what is answered at once, and threads that answer it. Any of the threads
// serves any connection: one that cannot run, because the system lets it wait, holds up the request that it has and no
// other, as a loop would those of all its connections. Whatever else a client sends, and an answer that it does not take
// at once, goes back to a loop.
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
#include "connectors/http/detached_socket.h"
#include "connectors/http/server_state.h"

namespace slipstream {

class QuickLane {
 public:
  // By the lane's threads. `unread`: what the client has sent; or `unsent`: the rest of an answer, after which the
  // connection goes on.
  using HandBack = std::function<void(DetachedSocket, std::string unread, std::optional<HttpAnswer> unsent)>;

  // Throws std::system_error: no more threads or descriptors. `server` outlives it.
  QuickLane(ServerState& server, int threads, HandBack hand_back);
  ~QuickLane();  // its connections are closed by then

  // A connection of the server's, of which nothing is unread; until it is handed back or closed. Any thread.
  void take(DetachedSocket socket);
  // Closes those whose clients have sent nothing for the limits' idle_time; soon. Any thread.
  void close_idle();
  // Closes all, soon, and what is taken from then on. Who is being answered gets it to the end. Any thread.
  void close_all();

 private:
  using Clock = std::chrono::steady_clock;
  using Bytes = std::array<char, 8 << 10>;

  struct Client {
    explicit Client(DetachedSocket taken) : socket(std::move(taken)) {}
    DetachedSocket socket;
    std::atomic<Clock::time_point> last_request = Clock::now();
  };

  enum class Sent { all, in_part, failed };

  void run();
  Client* next();  // one that has sent something, this thread's now; null: the lane ends
  void serve(Client& client, Bytes& bytes);
  std::optional<HttpAnswer> answer_to(std::string_view text) const;  // nullopt: that is for a loop
  static Sent send(const Client& client, HttpAnswer& answer);        // which has what was not sent afterwards
  void wait_for(Client& client);                                     // not to be touched from then on
  void close(Client& client);
  std::unique_ptr<Client> let_go(Client& client);
  void end_threads();

  ServerState& server_;
  const HandBack hand_back_;
  const int epoll_;
  const int end_;  // an eventfd that all threads see
  std::mutex mutex_;
  std::unordered_map<const Client*, std::unique_ptr<Client>> clients_;  // guarded by mutex_
  bool is_closing_ = false;                                             // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace slipstream
