// Every key has its versions in order of the batch that wrote them. A version goes when a newer one exists
// that every snapshot sees, and a deletion goes with the versions before it.
#include "engine/state/memory_store.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

namespace slipstream {
namespace {

constexpr std::size_t kScanChunk = 128;  // entries copied per lock of a scan

}  // namespace

struct MemoryStore::State {
  struct Version {
    std::uint64_t batch;
    std::optional<std::string> value;
  };
  using Versions = std::vector<Version>;
  using FamilyMap = std::map<std::string, Versions, std::less<>>;
  // A key whose versions can be trimmed once every snapshot sees `batch`.
  struct Superseded {
    std::uint64_t batch;
    Family family;
    std::string key;
  };

  // The version that a reader as of `batch` sees; null when the key did not exist.
  static const std::string* seen(const Versions& versions, std::uint64_t batch) {
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      if (version->batch <= batch) return version->value ? &*version->value : nullptr;
    }
    return nullptr;
  }

  mutable std::shared_mutex mutex;
  // Guarded by mutex.
  std::array<FamilyMap, kFamilyCount> families;
  std::uint64_t batches = 0;
  std::multiset<std::uint64_t> snapshots;
  std::deque<Superseded> superseded;

  FamilyMap& of(Family family) { return families.at(static_cast<std::size_t>(family)); }
  const FamilyMap& of(Family family) const { return families.at(static_cast<std::size_t>(family)); }

  void write(const StateChange& change);
  void trim(const Superseded& entry);
  void trim_superseded();
  std::optional<std::string> get(Family family, std::string_view key, std::uint64_t as_of) const;
};

void MemoryStore::State::write(const StateChange& change) {
  auto& map = of(change.family);
  auto found = map.find(change.key);
  if (found == map.end()) {
    if (!change.value) return;
    found = map.emplace(std::string(change.key), Versions()).first;
  }
  std::optional<std::string> value(change.value);
  auto& versions = found->second;
  if (!versions.empty() && versions.back().batch == batches) {
    versions.back().value = std::move(value);  // the last change of a key in a batch wins
  } else {
    versions.push_back({batches, std::move(value)});
  }
  if (versions.size() > 1 || !change.value)
    superseded.push_back({batches, change.family, std::string(change.key)});
}

void MemoryStore::State::trim(const Superseded& entry) {
  auto& map = of(entry.family);
  const auto found = map.find(entry.key);
  if (found == map.end()) return;
  auto& versions = found->second;
  const auto newer =
      std::ranges::find_if(versions, [&](const auto& each) { return each.batch > entry.batch; });
  if (newer == versions.begin()) return;
  auto first = newer - 1;
  if (!first->value) ++first;
  versions.erase(versions.begin(), first);
  if (versions.empty()) map.erase(found);
}

void MemoryStore::State::trim_superseded() {
  const auto oldest = snapshots.empty() ? batches : *snapshots.begin();
  while (!superseded.empty() && superseded.front().batch <= oldest) {
    trim(superseded.front());
    superseded.pop_front();
  }
}

std::optional<std::string> MemoryStore::State::get(Family family, std::string_view key,
                                                   std::uint64_t as_of) const {
  const auto& map = of(family);
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  const auto* value = seen(found->second, as_of);
  return value ? std::optional(*value) : std::nullopt;
}

namespace {

class MemorySnapshot final : public StateReader {
 public:
  explicit MemorySnapshot(std::shared_ptr<MemoryStore::State> state) : state_(std::move(state)) {
    const std::unique_lock lock(state_->mutex);
    as_of_ = state_->batches;
    state_->snapshots.insert(as_of_);
  }
  ~MemorySnapshot() override {
    const std::unique_lock lock(state_->mutex);
    state_->snapshots.erase(state_->snapshots.find(as_of_));
  }
  MemorySnapshot(const MemorySnapshot&) = delete;
  MemorySnapshot& operator=(const MemorySnapshot&) = delete;

  Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    const std::shared_lock lock(state_->mutex);
    return state_->get(family, key, as_of_);
  }

  Result<std::vector<std::optional<std::string>>> get_many(Family family,
                                                           std::span<const std::string> keys) const override {
    const std::shared_lock lock(state_->mutex);
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const auto& key : keys)
      values.push_back(state_->get(family, key, as_of_));
    return values;
  }

  // In chunks, the visitor called without the lock: it may read this store, and a batch may be applied
  // meanwhile.
  Result<> scan(Family family, std::string_view from, std::string_view to,
                const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    std::string start(from);
    std::vector<std::pair<std::string, std::string>> chunk;
    do {
      chunk.clear();
      collect(family, start, to, chunk);
      for (const auto& [key, value] : chunk) {
        if (!visit(key, value)) return {};
      }
      if (!chunk.empty()) start = chunk.back().first + '\0';
    } while (chunk.size() == kScanChunk);
    return {};
  }

 private:
  void collect(Family family, std::string_view from, std::string_view to,
               std::vector<std::pair<std::string, std::string>>& chunk) const {
    const std::shared_lock lock(state_->mutex);
    const auto& map = state_->of(family);
    for (auto entry = map.lower_bound(from); entry != map.end() && chunk.size() < kScanChunk; ++entry) {
      if (!to.empty() && entry->first >= to) return;
      if (const auto* value = MemoryStore::State::seen(entry->second, as_of_))
        chunk.emplace_back(entry->first, *value);
    }
  }

  const std::shared_ptr<MemoryStore::State> state_;
  std::uint64_t as_of_ = 0;
};

}  // namespace

MemoryStore::MemoryStore() : state_(std::make_shared<State>()) {}
MemoryStore::~MemoryStore() = default;

Result<std::optional<std::string>> MemoryStore::get(Family family, std::string_view key) const {
  const std::shared_lock lock(state_->mutex);
  return state_->get(family, key, state_->batches);
}

Result<std::vector<std::optional<std::string>>> MemoryStore::get_many(
    Family family, std::span<const std::string> keys) const {
  const std::shared_lock lock(state_->mutex);
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const auto& key : keys)
    values.push_back(state_->get(family, key, state_->batches));
  return values;
}

Result<> MemoryStore::scan(Family family, std::string_view from, std::string_view to,
                           const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return MemorySnapshot(state_).scan(family, from, to, visit);
}

Result<> MemoryStore::apply(const StateBatch& batch, bool) {
  const std::unique_lock lock(state_->mutex);
  ++state_->batches;
  for (const auto& change : batch)
    state_->write(change);
  state_->trim_superseded();
  return {};
}

std::shared_ptr<const StateReader> MemoryStore::snapshot() const {
  return std::make_shared<MemorySnapshot>(state_);
}

std::size_t MemoryStore::version_count() const {
  const std::shared_lock lock(state_->mutex);
  std::size_t count = 0;
  for (const auto& map : state_->families) {
    for (const auto& [key, versions] : map)
      count += versions.size();
  }
  return count;
}

}  // namespace slipstream
