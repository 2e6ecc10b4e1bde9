#include "engine/app/peers/hosts.h"

#include <utility>

#include "engine/app/members.h"
#include "engine/base/thread_role.h"

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookEvery(1'000);

}  // namespace

Hosts::Hosts(Deployment& deployment) : deployment_(deployment), thread_([this] { run(); }) {}

Hosts::~Hosts() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

std::optional<Host> Hosts::of(Partition shard) const {
  const std::scoped_lock lock(mutex_);
  const auto found = hosts_.find(shard);
  return found == hosts_.end() ? std::nullopt : std::optional(found->second);
}

void Hosts::run() {
  begin_thread("hosts");
  while (true) {
    look();
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, kLookEvery, [this] { return stopping_; })) return;
  }
}

// While the log does not answer they stay as they were: whoever has gone does not answer either.
void Hosts::look() {
  const auto members = read_members(deployment_.log(), deployment_.topics().members);
  if (!members) return;
  std::map<std::string, std::shared_ptr<HttpClient>> clients;
  std::map<Partition, Host> hosts;
  for (const Member& member : *members) {
    std::shared_ptr<HttpClient> client;
    if (const auto known = clients_.find(member.peer_address); known != clients_.end()) {
      client = known->second;
    } else if (auto made = HttpClient::of(member.peer_address)) {
      client = *std::move(made);
    } else {
      continue;  // it runs without a service
    }
    clients[member.peer_address] = client;
    for (const Partition shard : member.shards)
      hosts[shard] = {member.name, client};
  }
  clients_ = std::move(clients);
  const std::scoped_lock lock(mutex_);
  hosts_ = std::move(hosts);
}

}  // namespace slipstream
