// Which instance runs which shard, as the members' topic says: looked up once a second by a thread of its own, for the
// log may be slow to answer. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "connectors/http/http_client.h"
#include "engine/app/deployment.h"

namespace slipstream {

struct Host {
  std::string name;
  std::shared_ptr<HttpClient> client;
};

class Hosts {
 public:
  explicit Hosts(Deployment& deployment);  // which outlives it
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  // Nullopt: nobody has said so, or does not say where it is read.
  std::optional<Host> of(Partition shard) const;

 private:
  void run();
  void look();

  Deployment& deployment_;
  std::map<std::string, std::shared_ptr<HttpClient>>
      clients_;  // the thread's: by address, of those that are there
  mutable std::mutex mutex_;
  std::condition_variable stop_;
  std::map<Partition, Host> hosts_;  // guarded by mutex_
  bool stopping_ = false;            // guarded by mutex_
  std::thread thread_;               // last: it uses all of the above
};

}  // namespace slipstream
