#include "engine/app/peers/whole_state.h"

#include <fmt/format.h>

#include "engine/app/peers/remote_shard.h"

namespace slipstream {
namespace {

constexpr std::chrono::seconds kAskAgainAfter(1);

}  // namespace

Result<std::shared_ptr<const ShownState>> WholeState::newest() const {
  if (auto here = shelf_.newest()) return here;
  ShownShards shards = shelf_.here();
  std::map<std::string, std::pair<Host, std::vector<Partition>>> wanted;  // by host
  for (std::int32_t i = 0; i < partitions_; ++i) {
    const Partition shard(i);
    if (shards.contains(shard)) continue;
    const auto host = hosts_ == nullptr ? std::nullopt : hosts_->of(shard);
    if (!host)
      return fail(ErrorCode::shard_unavailable,
                  fmt::format("shard {} is not open yet, here or anywhere else; ask again", shard.value));
    auto& [whose, list] = wanted[host->name];
    whose = *host;
    list.push_back(shard);
  }
  for (const auto& [name, from] : wanted)
    SLIPSTREAM_TRY(add_from(from.first, from.second, shards));
  const std::scoped_lock lock(mutex_);
  return assembly_.assemble(shards);
}

Result<> WholeState::add_from(const Host& host, const std::vector<Partition>& wanted,
                              ShownShards& shards) const {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    const auto failed = failed_.find(host.client->address());
    if (failed != failed_.end() && failed->second.until > now) return tl::unexpected(failed->second.error);
  }
  auto newest = newest_of(host.client, *plan_, wanted);
  const std::scoped_lock lock(mutex_);
  if (!newest) {
    const Error error{newest.error().code, fmt::format("instance {}: {}", host.name, newest.error().message)};
    std::erase_if(failed_, [now](const auto& failed) { return failed.second.until <= now; });
    failed_[host.client->address()] = {error, std::chrono::steady_clock::now() + kAskAgainAfter};
    return tl::unexpected(error);
  }
  failed_.erase(host.client->address());
  shards.merge(*newest);
  return {};
}

}  // namespace slipstream
