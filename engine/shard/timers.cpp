#include "engine/shard/timers.h"

#include "engine/base/encoding.h"

namespace slipstream {

std::string Timers::key_of(const Entry& timer) const {
  std::string key = prefix_;
  append_timestamp(key, timer.first);
  key += timer.second;
  return key;
}

void Timers::set(Timestamp at, const std::string& entity) {
  if (at == Timestamp::max()) return;
  Entry entry{at, entity};
  changes_[entry] = true;
  if (at < horizon_ || all_loaded_) {
    near_.insert(std::move(entry));
  } else {
    far_cancelled_.erase(entry);
    far_unsealed_.insert(std::move(entry));
  }
}

void Timers::cancel(Timestamp at, const std::string& entity) {
  if (at == Timestamp::max()) return;
  Entry entry{at, entity};
  changes_[entry] = false;
  if (near_.erase(entry) > 0) return;
  if (far_unsealed_.erase(entry) == 0) far_cancelled_.insert(std::move(entry));
}

Result<> Timers::load_more() {
  std::string last_key;
  std::size_t loaded = 0;
  const auto visit = [&](std::string_view key, std::string_view) {
    ByteReader in(key.substr(prefix_.size()));
    Timestamp at;
    if (!in.read_timestamp(at)) return true;
    Entry entry{at, std::string(in.rest())};
    // Only whole instants are loaded, so that the horizon cuts between two of them.
    if (loaded >= kNearMax && at > horizon_) return false;
    horizon_ = at;
    last_key = key;
    ++loaded;
    const auto change = changes_.find(entry);
    if (change == changes_.end() || change->second) near_.insert(std::move(entry));
    return true;
  };
  all_loaded_ = true;
  bool stopped = false;
  SLIPSTREAM_TRY(store_->scan(family_, load_from_, prefix_end(prefix_), [&](std::string_view key, std::string_view value) {
    const bool go_on = visit(key, value);
    stopped |= !go_on;
    return go_on;
  }));
  all_loaded_ = !stopped;
  if (stopped) {
    horizon_ = horizon_ + microseconds(1);
    load_from_ = last_key + '\0';
  }
  for (auto it = far_unsealed_.begin(); it != far_unsealed_.end() && (all_loaded_ || it->first < horizon_);) {
    near_.insert(*it);
    it = far_unsealed_.erase(it);
  }
  if (all_loaded_) far_cancelled_.clear();
  return {};
}

Result<Timestamp> Timers::next() {
  while (near_.empty() && !all_loaded_) SLIPSTREAM_TRY(load_more());
  return near_.empty() ? Timestamp::max() : near_.begin()->first;
}

Result<std::optional<std::pair<Timestamp, std::string>>> Timers::pop_due(Timestamp now) {
  SLIPSTREAM_ASSIGN(const Timestamp earliest, next());
  if (near_.empty() || earliest > now) return std::optional<Entry>();
  Entry due = *near_.begin();
  near_.erase(near_.begin());
  changes_[due] = false;
  return std::optional(std::move(due));
}

void Timers::seal(StateBatch& batch) {
  for (const auto& [entry, is_set] : changes_) {
    std::optional<std::string> value;
    if (is_set) value.emplace();
    batch.push_back({family_, key_of(entry), std::move(value)});
  }
  changes_.clear();
  far_unsealed_.clear();
  far_cancelled_.clear();
  forget_far();
}

void Timers::forget_far() {
  if (near_.size() <= 2 * kNearMax) return;
  const Timestamp cut = std::next(near_.begin(), kNearMax)->first;
  if (cut == near_.begin()->first) return;
  const Entry first_forgotten{cut, ""};
  near_.erase(near_.lower_bound(first_forgotten), near_.end());
  horizon_ = cut;
  load_from_ = key_of(first_forgotten);
  all_loaded_ = false;
}

}  // namespace slipstream
