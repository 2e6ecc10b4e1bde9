// A decoded event: the CloudEvents envelope and typed fields. What every decoder produces and the fold
// consumes.
//
// Views point into the record's bytes (or the decoder's arena) and live as long as the record's batch. The
// catalogue (catalogue.h) is the single list of event types and their fields; JSON, FlatBuffers, import
// mappings, schemas and documentation all follow it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/time.h"
#include "engine/expression/value.h"

namespace slipstream {

// Stable numbers: they are on the wire and in the store.
enum class EventType : std::uint8_t {
  task_assigned = 1,
  task_progressed = 2,
  task_completed = 3,
  task_accepted = 4,
  task_returned = 5,
  task_extended = 6,
  task_delay_excused = 7,
  task_reassigned = 8,
  task_cancelled = 9,
  task_suspended = 10,
  task_resumed = 11,
  task_reopened = 12,
  measurement_reported = 20,
  measurement_corrected = 21,
  measurement_retracted = 22,
  observation = 30,
  indicator_defined = 40,
  indicator_revised = 41,
  target_set = 42,
  target_revised = 43,
  unit_created = 50,
  unit_renamed = 51,
  unit_moved = 52,
  unit_merged = 53,
  unit_split = 54,
  unit_closed = 55,
  person_appointed = 60,
  person_transferred = 61,
  person_absent = 62,
  period_closed = 70,
  period_reopened = 71,
  score_set = 72,
  override_applied = 73,
  calendar_published = 74,
  alert_acknowledged = 80,
  alert_silenced = 81,
};

// What an event belongs to, which decides its topic and its fold.
enum class EventKind : std::uint8_t {
  task,         // events topic; entity = the task
  measurement,  // events topic; entity = the series (indicator, node)
  observation,  // events topic; no entity
  reference,  // reference topic, read by every shard: units, persons, indicators, targets, calendars, periods
  action,     // reference topic: a person's act on an alert
};

// Stable numbers. Names in catalogue.cpp are these, in snake case, as JSON members and import mappings write
// them.
enum class Field : std::uint8_t {
  task = 1,
  title,
  assigner,
  unit,
  position,
  person,
  co_units,
  weight,
  due_at,
  starred,
  parent,
  indicators,
  percent,
  note,
  evidence,
  completed_at,
  grade,
  reason,
  quality_fault,
  excused,
  approver,
  basis,
  from_unit,
  from_position,
  from_person,
  credit_policy,
  counts,
  indicator,
  node,
  period_start,
  period_end,
  value,
  numerator,
  denominator,
  metric,
  sequence,
  name,
  valid_from,
  valid_to,
  successors,
  shares,
  direction,
  over_time,
  over_organisation,
  cadence,
  grace,
  precision,
  kpi,
  baseline,
  target,
  trajectory,
  tolerance_amber,
  tolerance_red,
  mode,
  alert,
  until,
  follow_up_at,
  calendar,
  days,
  measurement_unit,
  score,
  class_name,
  target_high,
};

struct EventField {
  Field field;
  Value value;
};

// A field the catalogue does not name, kept for views that declare it as a column.
struct EventAttribute {
  std::string_view name;
  Value value;  // boolean, integer, decimal or text as sent; converted to the column's declared type by the
                // fold
};

struct Event {
  EventType type = EventType::observation;
  std::string_view id;
  std::string_view source;
  std::string_view subject;  // task id, or node: the record's key
  Timestamp time;            // CloudEvents `time`
  Timestamp effective_at;    // when it was true; defaults to `time`
  Timestamp recorded_at;     // when it was written down; defaults to `time`
  std::optional<std::int64_t> entity_version;
  std::string_view actor;       // empty: not given
  std::string_view supersedes;  // id of the event this one replaces; empty: none
  std::string_view traceparent;
  boost::container::small_vector<EventField, 12> fields;
  boost::container::small_vector<EventAttribute, 4> attributes;

  const Value* find(Field field) const {
    for (const EventField& f : fields)
      if (f.field == field) return &f.value;
    return nullptr;
  }
  const Value* find_attribute(std::string_view name) const {
    for (const EventAttribute& a : attributes)
      if (a.name == name) return &a.value;
    return nullptr;
  }
};

// A text field's value; empty when the event lacks it.
inline std::string_view text_of(const Event& event, Field field) {
  const Value* value = event.find(field);
  return value == nullptr || value->is_null() ? std::string_view() : value->as_text();
}

}  // namespace slipstream
