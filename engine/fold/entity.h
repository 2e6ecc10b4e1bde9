// An entity's history: the accepted events of one task, reported figure or reference subject, as one string
// of bytes.
//
// The history is a set kept in canonical order, so an entity is a pure function of its events whatever their
// order of arrival (guarantee G1): sorted by (entity version, effective_at, recorded_at, type, id, source);
// events without a version sort before versioned ones. The catalogue numbers types in the order of a life, so
// that of events of one instant, as of one date, an assignment comes before its completion and a report
// before its correction.
//
// Bytes: evaluated_at and timer_at (8 bytes each, order-preserving), then per event: varint length, then
//   effective_at, recorded_at (zigzag), version (varint: 0 none, else 1 + zigzag), type (1 byte),
//   content hash (8 bytes), partition, offset (varint), strings id, source, supersedes, actor,
//   varint number of fields {1 byte, value}, varint number of attributes {string, value}.
// Owned by the shard's thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/decode/event.h"

namespace slipstream {

// The instant at which the entity's current contributions were computed, and when they next change by the
// clock.
struct EntityHeader {
  Timestamp evaluated_at = Timestamp::min();
  Timestamp timer_at = Timestamp::max();  // max: never
};

// One accepted event; views point into the history's bytes.
struct StoredEvent {
  Timestamp effective_at;
  Timestamp recorded_at;
  std::optional<std::int64_t> version;
  EventType type = EventType::task_assigned;
  std::uint64_t content_hash = 0;
  Partition partition;
  Offset offset;
  std::string_view id, source, supersedes, actor;
  std::string_view payload;  // fields and attributes, still encoded

  // Calls visit(Field, Value) and visit_attribute(name, Value) for each; error store_corrupt on bad bytes.
  template <class VisitField, class VisitAttribute>
  Result<> read_payload(VisitField visit, VisitAttribute visit_attribute) const;
};

enum class Insertion : std::uint8_t {
  added,
  duplicate,    // same id and source, same content: nothing changed
  conflicting,  // same id and source, other content: nothing changed
};

EntityHeader read_header(std::string_view history);
void write_header(std::string& history, const EntityHeader& header);

// Makes `grown` the history with the event in its place, with no room to spare; it stays as it is when nothing is added. An empty
// string is an empty history and becomes one with a header.
Result<Insertion> insert_event(std::string_view history, const Event& event, Partition partition,
                               Offset offset, std::string& grown);
inline Result<Insertion> insert_event(std::string& history, const Event& event, Partition partition,
                                      Offset offset) {
  return insert_event(history, event, partition, offset, history);
}

// Takes the event of this id and source out again. False: there is none.
Result<bool> remove_event(std::string& history, std::string_view id, std::string_view source);
// Has the entity no event at all?
bool is_without_events(std::string_view history);

// The events in canonical order, without those that another one of the same source supersedes.
Result<std::vector<StoredEvent>> read_history(std::string_view history, bool with_superseded = false);

// The period of a reported figure; max: it has no end.
struct FigurePeriod {
  Timestamp start;
  Timestamp end = Timestamp::max();
  friend auto operator<=>(const FigurePeriod&, const FigurePeriod&) = default;
};

// Keys in the `entities` family, and of timers: 't' task | 'm' indicator, node, period: a reported figure |
// 'p' indicator, node: the periods of a series.
std::string task_key(std::string_view task);
std::string measurement_key(std::string_view indicator, std::string_view node, const FigurePeriod& period);
struct FigureKey {
  std::string indicator, node;
  FigurePeriod period;
};
// What a reported figure's key says; nullopt: it is another's.
std::optional<FigureKey> parse_measurement_key(std::string_view key);
// What the keys of all figures of an indicator begin with, and no others.
std::string indicator_prefix(std::string_view indicator);
std::string series_key(std::string_view indicator, std::string_view node);

// Bytes of fields and attributes as stored: a cursor over them.
class PayloadCursor {
 public:
  explicit PayloadCursor(std::string_view payload) : rest_(payload) {}
  Result<std::uint64_t> count();
  Result<EventField> field();
  Result<EventAttribute> attribute();

 private:
  std::string_view rest_;
};

template <class VisitField, class VisitAttribute>
Result<> StoredEvent::read_payload(VisitField visit, VisitAttribute visit_attribute) const {
  PayloadCursor cursor(payload);
  SLIPSTREAM_ASSIGN(const std::uint64_t fields, cursor.count());
  for (std::uint64_t i = 0; i < fields; ++i) {
    SLIPSTREAM_ASSIGN(const EventField field, cursor.field());
    visit(field.field, field.value);
  }
  SLIPSTREAM_ASSIGN(const std::uint64_t attributes, cursor.count());
  for (std::uint64_t i = 0; i < attributes; ++i) {
    SLIPSTREAM_ASSIGN(const EventAttribute attribute, cursor.attribute());
    visit_attribute(attribute.name, attribute.value);
  }
  return {};
}

}  // namespace slipstream
