// Rows that readers watch: evaluated anew after commits, a few times a second, once for all who watch the same. What
// differs from the rows that a reader was sent before goes out to it; one that is slow gets the newest state when its
// socket takes more, never a queue.
//
// An event stream has, each with the version of the commits as its id:
//   event: snapshot  data: {"as_of":..., "complete":..., "rows":[...]}      first of all
//   event: change    data: {..., "upsert":[rows], "remove":[ids]}            rows by their id, the member "id"
//   event: state     data: {"as_of":..., "complete":...}                     a commit that left the rows as they were
// watch() by any thread; one thread of its own evaluates and sends.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/http/http_server.h"
#include "engine/app/peers/whole_state.h"

namespace slipstream {

using LiveRows = std::map<std::string, std::string>;  // a row's JSON members without "id", by its id
using EvaluateRows = std::function<Result<LiveRows>(const ShownState&)>;

class LiveHub {
 public:
  explicit LiveHub(const WholeState& states);  // which outlive the hub
  ~LiveHub();                                  // ends all streams' changes; the streams are their server's
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  // `query`: equal for those who watch the same. `rows`: of `shown`, evaluated already. `seen`: the id of the last event
  // that the reader has, or empty; when it is still the newest no snapshot is sent.
  void watch(const std::string& query, EvaluateRows evaluate, const ShownState& shown, LiveRows rows,
             std::shared_ptr<EventStream> stream, std::string seen);

 private:
  using Rows = std::shared_ptr<const LiveRows>;
  struct Watcher {
    std::shared_ptr<EventStream> stream;
    std::string seen;
    Rows sent;            // null: nothing yet
    std::string version;  // that the reader was told of
  };
  struct Watched {
    EvaluateRows evaluate;
    std::string version;  // of `rows`
    std::string facts;    // JSON members: what a reader is told of the state
    Rows rows;
    // The event that tells of them, by the rows that a reader was sent before, as far as it was asked for.
    std::map<Rows, std::string> events;
    std::vector<Watcher> watchers;
  };

  void run();
  void refresh_all();
  void refresh(Watched& watched, const ShownState& shown);
  static const std::string& event_after(Watched& watched, const Rows& sent);
  static void send(Watched& watched, Watcher& watcher);

  const WholeState& states_;
  std::map<std::string, Watched> watched_;  // the thread's own
  std::mutex mutex_;
  std::condition_variable stop_;
  std::vector<std::pair<std::string, Watched>> new_;  // guarded by mutex_: with one watcher each
  bool stopping_ = false;                             // guarded by mutex_
  std::thread thread_;                                // last: it uses all of the above
};

}  // namespace slipstream
