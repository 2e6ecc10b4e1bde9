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
  std::map<std::string, std::pair<Owner, std::vector<Partition>>> wanted;  // by owner
  for (std::int32_t i = 0; i < partitions_; ++i) {
    const Partition shard(i);
    if (shards.contains(shard)) continue;
    const auto owner = owners_ == nullptr ? std::nullopt : owners_->of(shard);
    if (!owner)
      return fail(ErrorCode::shard_unavailable,
                  fmt::format("shard {} is not open yet, here or anywhere else; ask again", shard.value));
    auto& [whose, list] = wanted[owner->name];
    whose = *owner;
    list.push_back(shard);
  }
  for (const auto& [name, from] : wanted)
    SLIPSTREAM_TRY(add_from(from.first, from.second, shards));
  return shown_state(plan_, shards);
}

Result<> WholeState::add_from(const Owner& owner, const std::vector<Partition>& wanted,
                              ShownShards& shards) const {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    const auto failed = failed_.find(owner.client->address());
    if (failed != failed_.end() && failed->second.until > now) return tl::unexpected(failed->second.error);
  }
  auto newest = newest_of(owner.client, *plan_, wanted);
  const std::scoped_lock lock(mutex_);
  if (!newest) {
    const Error error{newest.error().code,
                      fmt::format("instance {}: {}", owner.name, newest.error().message)};
    failed_[owner.client->address()] = {error, std::chrono::steady_clock::now() + kAskAgainAfter};
    return tl::unexpected(error);
  }
  failed_.erase(owner.client->address());
  shards.merge(*newest);
  return {};
}

}  // namespace slipstream
