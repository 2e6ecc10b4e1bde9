// One shard's durable state: ordered keys in column families, changed by atomic batches.
//
// The shard reads through a StateReader only and never writes: its changes leave as a StateBatch in its
// effects, and whoever drives the shard applies the batch after the log has committed. RocksDB in production,
// a map in tests.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace slipstream {

// Stable numbers and names: they are stored. One column family each.
enum class Family : std::uint8_t {
  meta = 0,       // commit sequence, positions, clock, counters, definition version
  entities = 1,   // tasks and series, folded, with the positions of their events
  rows = 2,       // this shard's own slices: (view, node, slice) -> accumulators
  partials = 3,   // newest partial of each origin for nodes this shard owns: (view, node, slice, origin)
  totals = 4,     // merged slices of owned nodes: what readers read
  timers = 5,     // (instant, entity): when a contribution changes by the clock
  alerts = 6,     // state of each alert of owned nodes
  reference = 7,  // events of units, persons, indicators and targets
  sequences = 8,  // windows of seen sequence numbers or ids of observations
  waiting = 9,    // entities and observations whose node or indicator is not defined yet
};
inline constexpr std::size_t kFamilyCount = 10;
std::string_view name_of(Family family);

// One change of a batch; what it points to belongs to who made it, or to the batch it is read from.
struct StateChange {
  Family family;
  std::string_view key;
  std::optional<std::string_view> value;  // nullopt: delete
};

// Changes in the order they were made, as one piece of memory: a commit may have a million of them.
class StateBatch {
 public:
  class Iterator;

  StateBatch() = default;
  StateBatch(std::initializer_list<StateChange> changes) {
    for (const StateChange& change : changes)
      push_back(change);
  }

  void push_back(const StateChange& change) {
    const auto value_bytes = static_cast<std::uint32_t>(change.value ? change.value->size() : 0);
    entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(change.key.size()), value_bytes,
                        change.family, change.value.has_value()});
    bytes_.append(change.key);
    if (change.value) bytes_.append(*change.value);
  }
  void reserve(std::size_t changes) { entries_.reserve(changes); }
  void clear() {
    entries_.clear();
    bytes_.clear();
  }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_.size(); }  // of keys and values
  StateChange operator[](std::size_t index) const {
    const Entry& entry = entries_[index];
    const std::string_view key = std::string_view(bytes_).substr(entry.begin, entry.key_bytes);
    if (!entry.has_value) return {entry.family, key, std::nullopt};
    return {entry.family, key,
            std::string_view(bytes_).substr(entry.begin + entry.key_bytes, entry.value_bytes)};
  }
  Iterator begin() const;
  Iterator end() const;

 private:
  struct Entry {
    std::size_t begin;  // in bytes_: the key, then the value
    std::uint32_t key_bytes;
    std::uint32_t value_bytes;
    Family family;
    bool has_value;
  };

  std::vector<Entry> entries_;
  std::string bytes_;
};

class StateBatch::Iterator {
 public:
  using value_type = StateChange;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const StateBatch& batch, std::size_t index) : batch_(&batch), index_(index) {}
  StateChange operator*() const { return (*batch_)[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const StateBatch* batch_ = nullptr;
  std::size_t index_ = 0;
};
inline StateBatch::Iterator StateBatch::begin() const { return {*this, 0}; }
inline StateBatch::Iterator StateBatch::end() const { return {*this, size()}; }

class StateReader {
 public:
  virtual ~StateReader() = default;
  virtual Result<std::optional<std::string>> get(Family family, std::string_view key) const = 0;
  // Values of many keys in one call, in the order asked: cheaper than get when the keys are sorted.
  virtual Result<std::vector<std::optional<std::string>>> get_many(
      Family family, std::span<const std::string> keys) const = 0;
  // Visits keys in [from, to) in byte order (`to` empty: to the end) until the visitor returns false.
  virtual Result<> scan(
      Family family, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

class Store : public StateReader {
 public:
  // Applies all changes or none. Durable when it returns if `sync`; otherwise at the latest with the next
  // synced one, in order: a crash loses a suffix of unsynced batches, never a middle one (the log replays
  // what was lost).
  virtual Result<> apply(const StateBatch& batch, bool sync) = 0;
  // A consistent view of now that later changes do not touch.
  virtual std::shared_ptr<const StateReader> snapshot() const = 0;
};

}  // namespace slipstream
