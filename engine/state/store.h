// One shard's durable state: ordered keys in column families, changed by atomic batches.
//
// The shard reads through a StateReader only and never writes: its changes leave as a StateBatch in its
// effects, and whoever drives the shard applies the batch after the log has committed. RocksDB in production,
// a map in tests.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
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

struct StateChange {
  Family family;
  std::string key;
  std::optional<std::string> value;  // nullopt: delete
};
using StateBatch = std::vector<StateChange>;

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
