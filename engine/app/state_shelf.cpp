#include "engine/app/state_shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "engine/base/hash.h"

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookForReadersEvery(1);
constexpr std::chrono::seconds kHeldFor(10);

}  // namespace

std::shared_ptr<const ShownState> StateAssembly::assemble(const ShownShards& shards) {
  auto made = std::make_shared<ShownState>();
  made->clock = Timestamp::max();
  made->complete = true;
  std::string commits;
  auto notes = std::make_shared<std::vector<CommitNote>>();
  std::optional<std::size_t> at_hand;
  for (const auto& [number, shard] : shards) {
    if (!at_hand && !shard.is_remote) at_hand = notes->size();
    made->state.shards.push_back(shard.snapshot);
    notes->push_back(shard.note);
    made->complete = made->complete && shard.caught_up;
    commits += fmt::format(" {}", shard.note.sequence.value);
    if (shard.note.sequence.value > 0) made->clock = std::min(made->clock, shard.note.clock);
  }
  if (made->clock == Timestamp::max()) made->clock = Timestamp{};
  commits += plan_->version + (made->complete ? "" : " incomplete");
  made->version = fmt::format("{:016x}", hash64(commits));
  made->state.plan = plan_;
  made->state.at_hand = at_hand.value_or(0);
  const auto& next = (*notes)[made->state.at_hand].next;
  const auto found = next.find(reference_);
  const Offset folded = found == next.end() ? Offset(0) : found->second;
  if (shared_ == nullptr || folded != folded_) shared_ = made->state.reference;
  folded_ = folded;
  made->state.reference = shared_;
  made->state.notes = std::move(notes);
  return made;
}

void StateShelf::expect(std::set<Partition> shards) {
  const std::scoped_lock lock(mutex_);
  expected_ = std::move(shards);
}

void StateShelf::put(Partition shard, ShownShard shown) {
  std::shared_ptr<const ShownState> before;  // let go, and with it snapshots, outside the lock
  std::vector<Held> outlived;
  const std::scoped_lock lock(mutex_);
  std::swap(shards_[shard], shown);
  before = std::move(newest_);
  auto& held = held_[shard];
  std::erase_if(held, [&, now = std::chrono::steady_clock::now()](auto& place) {
    if (place.second.until > now) return false;
    outlived.push_back(std::move(place.second));
    return true;
  });
}

void StateShelf::take_off(Partition shard, Duration patience) {
  std::vector<std::weak_ptr<const StateReader>> read;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = shards_.find(shard);
    if (found == shards_.end()) return;
    read.emplace_back(found->second.snapshot);
    for (const auto& [sequence, held] : held_[shard])
      read.emplace_back(held.snapshot);
    shards_.erase(found);
    held_.erase(shard);
    newest_.reset();
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(patience.us);
  const auto is_read = [&] {
    return std::any_of(read.begin(), read.end(), [](const auto& snapshot) { return !snapshot.expired(); });
  };
  while (is_read() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kLookForReadersEvery);
}

std::shared_ptr<const ShownState> StateShelf::newest() const {
  const std::scoped_lock lock(mutex_);
  if (!newest_ && shards_.size() == static_cast<std::size_t>(partitions_))
    newest_ = assembly_.assemble(shards_);
  return newest_;
}

ShownShards StateShelf::here() const {
  const std::scoped_lock lock(mutex_);
  return shards_;
}

bool StateShelf::is_complete() const {
  const std::scoped_lock lock(mutex_);
  return expected_ && std::all_of(expected_->begin(), expected_->end(), [&](Partition shard) {
           const auto found = shards_.find(shard);
           return found != shards_.end() && found->second.caught_up;
         });
}

std::vector<Partition> StateShelf::missing() const {
  std::vector<Partition> missing;
  const std::scoped_lock lock(mutex_);
  for (std::int32_t i = 0; i < partitions_; ++i)
    if (const Partition shard(i); !shards_.contains(shard) && (!expected_ || expected_->contains(shard)))
      missing.push_back(shard);
  return missing;
}

std::optional<ShownShard> StateShelf::hold(Partition shard) {
  const std::scoped_lock lock(mutex_);
  const auto found = shards_.find(shard);
  if (found == shards_.end()) return std::nullopt;
  held_[shard][found->second.note.sequence] = {found->second.snapshot,
                                               std::chrono::steady_clock::now() + kHeldFor};
  return found->second;
}

std::shared_ptr<const StateReader> StateShelf::held(Partition shard, CommitSequence sequence) {
  const std::scoped_lock lock(mutex_);
  const auto of_shard = held_.find(shard);
  if (of_shard == held_.end()) return nullptr;
  const auto found = of_shard->second.find(sequence);
  if (found == of_shard->second.end()) return nullptr;
  found->second.until = std::chrono::steady_clock::now() + kHeldFor;
  return found->second.snapshot;
}

}  // namespace slipstream
