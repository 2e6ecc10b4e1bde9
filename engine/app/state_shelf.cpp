#include "engine/app/state_shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/base/hash.h"

namespace slipstream {
namespace {

constexpr std::chrono::milliseconds kLookForReadersEvery(1);

std::shared_ptr<const ShownState> shown(const std::shared_ptr<const Plan>& plan,
                                        std::vector<std::shared_ptr<const StateReader>> snapshots,
                                        std::vector<CommitNote> notes, bool complete) {
  auto made = std::make_shared<ShownState>();
  made->state = {plan, std::move(snapshots)};
  made->clock = Timestamp::max();
  made->complete = complete;
  std::string commits = plan->version + (complete ? "" : " incomplete");
  for (const CommitNote& note : notes) {
    commits += fmt::format(" {}", note.sequence.value);
    if (note.sequence.value > 0) made->clock = std::min(made->clock, note.clock);
  }
  if (made->clock == Timestamp::max()) made->clock = Timestamp{};
  made->version = fmt::format("{:016x}", hash64(commits));
  made->notes = std::move(notes);
  return made;
}

}  // namespace

void StateShelf::put(Partition shard, std::shared_ptr<const StateReader> snapshot, CommitNote note,
                     bool caught_up) {
  std::shared_ptr<const ShownState> before;  // let go, and with it snapshots, outside the lock
  Place place{std::move(snapshot), std::move(note), caught_up};
  const std::scoped_lock lock(mutex_);
  std::swap(places_[shard], place);
  before = std::move(newest_);
}

void StateShelf::take_off(Partition shard, Duration patience) {
  std::weak_ptr<const StateReader> read;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(shard);
    if (found == places_.end()) return;
    read = found->second.snapshot;
    places_.erase(found);
    newest_.reset();
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(patience.us);
  while (!read.expired() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kLookForReadersEvery);
}

std::shared_ptr<const ShownState> StateShelf::newest() const {
  const std::scoped_lock lock(mutex_);
  if (newest_ || places_.size() < static_cast<std::size_t>(partitions_)) return newest_;
  std::vector<std::shared_ptr<const StateReader>> snapshots;
  std::vector<CommitNote> notes;
  bool complete = true;
  for (const auto& [shard, place] : places_) {
    snapshots.push_back(place.snapshot);
    notes.push_back(place.note);
    complete = complete && place.caught_up;
  }
  newest_ = shown(plan_, std::move(snapshots), std::move(notes), complete);
  return newest_;
}

std::vector<CommitNote> StateShelf::notes() const {
  std::vector<CommitNote> notes;
  const std::scoped_lock lock(mutex_);
  for (const auto& [shard, place] : places_)
    notes.push_back(place.note);
  return notes;
}

std::vector<Partition> StateShelf::missing() const {
  std::vector<Partition> missing;
  const std::scoped_lock lock(mutex_);
  for (std::int32_t shard = 0; shard < partitions_; ++shard)
    if (!places_.contains(Partition(shard))) missing.emplace_back(shard);
  return missing;
}

}  // namespace slipstream
