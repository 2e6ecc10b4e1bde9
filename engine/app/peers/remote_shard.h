// A shard that another instance runs, read there: one commit of it. Errors: shard_unavailable when its host does not
// answer, or does not hold that commit any more. Any thread.
#pragma once

#include <memory>

#include "connectors/http/http_client.h"
#include "engine/app/peers/shard_wire.h"
#include "engine/app/state_shelf.h"

namespace slipstream {

class RemoteShard final : public StateReader {
 public:
  RemoteShard(std::shared_ptr<HttpClient> host, Partition shard, CommitSequence commit)
      : host_(std::move(host)), shard_(shard), commit_(commit) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override;
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override;

 private:
  const std::shared_ptr<HttpClient> host_;
  const Partition shard_;
  const CommitSequence commit_;
};

// The newest commits of shards that one instance runs. Error shard_unavailable: it does not answer, lacks one, or
// follows other definitions than `plan`.
Result<ShownShards> newest_of(const std::shared_ptr<HttpClient>& host, const Plan& plan,
                              const std::vector<Partition>& shards);

}  // namespace slipstream
