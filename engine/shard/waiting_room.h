// The waiting room: records whose node or indicator is not known yet, with their bytes, until their deadline.
//
// All records of one task or reported figure wait together; a reading waits alone. Keys in the `waiting`
// family: 'e' entity: what waits of it | 'd' deadline, entity: when it has waited long enough (timers.h). An
// entity is its key in the `entities` family, or 'o', offset: a reading. Owned by the shard's thread; `e`
// values are read by readers too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/log/event_log.h"
#include "engine/shard/timers.h"
#include "engine/state/hot_values.h"

namespace slipstream {

// What something waits for.
struct Missing {
  enum class Kind : std::uint8_t { node = 1, indicator = 2 } kind = Kind::node;
  struct Name {
    std::string name;
    Timestamp at;  // a node: the slice in which it is not known
    friend bool operator==(const Name&, const Name&) = default;
  };
  std::vector<Name> names;
  friend bool operator==(const Missing&, const Missing&) = default;
};

// A record of the shard's events partition as it came.
struct WaitingRecord {
  Offset offset;
  Timestamp timestamp;
  std::string key, value;
  std::vector<Header> headers;
  std::uint8_t repeated = 0;  // a reading's (observing.h)

  // Lives as long as this.
  RecordView view() const { return {offset, timestamp, key, value, false, headers}; }
  friend bool operator==(const WaitingRecord&, const WaitingRecord&) = default;
};

struct WaitingEntity {
  Timestamp deadline = Timestamp::max();  // max: none
  Missing missing;
  std::vector<WaitingRecord> records;  // by offset; none: nothing of it waits
  friend bool operator==(const WaitingEntity&, const WaitingEntity&) = default;
};

std::string encode_waiting(const WaitingEntity& waiting);
// Error store_corrupt.
Result<WaitingEntity> decode_waiting(std::string_view bytes);

// Where the entities' values stand: scan from the prefix to its end.
inline constexpr std::string_view kWaitingPrefix = "e";
std::string reading_entity(Offset offset);

class WaitingRoom {
 public:
  explicit WaitingRoom(const StateReader& store);

  Result<WaitingEntity> load(std::string_view entity);
  // What waits of an entity from now on; without records it leaves.
  Result<> put(const std::string& entity, const WaitingEntity& waiting);
  // The earliest deadline; max: none.
  Result<Timestamp> next_deadline() { return deadlines_.next(); }
  // The entity of the earliest deadline at or before `now`; it keeps waiting until it is put anew.
  Result<std::optional<std::string>> pop_due(Timestamp now);
  // The entities that wait and begin with `prefix`, ascending.
  Result<std::vector<std::string>> entities_with(std::string_view prefix);

  void seal(StateBatch& batch);
  void shrink(std::size_t bytes) { entities_.shrink(bytes); }
  std::size_t memory_bytes() const { return entities_.memory_bytes(); }
  std::size_t unsealed_bytes() const { return entities_.dirty_bytes() + deadlines_.unsealed_bytes(); }

 private:
  HotValues entities_;
  Timers deadlines_;
};

}  // namespace slipstream
