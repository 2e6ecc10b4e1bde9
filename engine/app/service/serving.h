// The HTTP service of a process while it runs: one server for people and programs, and, where other instances are,
// another one at which they read this one's shards, with threads of its own: those wait for no other instance, so two
// instances that wait for one another's shards never wait for ever.
#pragma once

#include <memory>
#include <string>

#include "engine/app/peers/hosts.h"
#include "engine/app/peers/shard_reads.h"
#include "engine/app/peers/whole_state.h"
#include "engine/app/service/service.h"

namespace slipstream {

class Serving {
 public:
  // Listens at once; tells the deployment where. The configuration has `http`; all outlive it.
  static Result<std::unique_ptr<Serving>> begin(const Configuration& configuration, Deployment& deployment,
                                                const std::shared_ptr<const Plan>& plan, Role role);
  ~Serving();  // ends
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  std::string url() const;
  StateShelf& shelf() { return shelf_; }
  const WholeState& states() const { return states_; }
  void show(const InstanceStatus& status) { service_.show(status); }
  // Lets answers finish.
  void end();

 private:
  Serving(const Configuration& configuration, Deployment& deployment, std::shared_ptr<const Plan> plan,
          Role role);
  Result<> listen(const Configuration& configuration);

  Listening listening_;
  StateShelf shelf_;
  std::unique_ptr<Hosts> hosts_;  // null: there are no other instances
  WholeState states_;
  ShardReads shard_reads_;
  std::unique_ptr<HttpServer> peer_server_;
  std::unique_ptr<HttpServer> server_;
  Service service_;  // goes first: what it took in is answered through the server
};

}  // namespace slipstream
