// The single list of event types and their fields: names, kinds, shapes, bounds, meanings. Decoders,
// encoders, import mappings, JSON Schemas (schemas/json) and docs/events.md all follow it. Constant tables;
// any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/decode/event.h"

namespace slipstream {

// What a field's value must look like beyond its Type.
enum class FieldShape : std::uint8_t {
  id,      // text, not empty
  node,    // text: a path, segments separated by '/', none empty
  text,    // text, may be empty
  choice,  // text, one of a set
  decimal,
  integer,
  boolean,
  timestamp,  // a date alone means its local midnight at the start
  deadline,   // a date alone means its local midnight at the end
  interval,   // PostgreSQL's text: "3 days"
  // Lists: the value is text, a JSON array in canonical form (list_field.h).
  ids,
  nodes,
  texts,
  decimals,
  days,
};
constexpr Type type_of(FieldShape shape) {
  constexpr std::array<Type, 15> types{Type::text,      Type::text,     Type::text,    Type::text,
                                       Type::decimal,   Type::integer,  Type::boolean, Type::timestamp,
                                       Type::timestamp, Type::interval, Type::text,    Type::text,
                                       Type::text,      Type::text,     Type::text};
  return types[static_cast<std::size_t>(shape)];
}
constexpr bool is_list(FieldShape shape) { return shape >= FieldShape::ids; }

inline constexpr std::size_t kIdBytesMax = 256;
inline constexpr std::size_t kNodeBytesMax = 512;
inline constexpr std::size_t kListItemsMax = 1024;
inline constexpr std::size_t kAttributesMax = 256;
inline constexpr std::size_t kAttributeTextBytesMax = 16 * 1024;
inline constexpr std::size_t kAttributeNameBytesMax = 256;

// Bounds of a number; either may be missing.
struct NumberBounds {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  bool above_min = false;  // the minimum itself is not allowed
};

struct FieldDefinition {
  Field field;
  std::string_view name;
  FieldShape shape;
  std::string_view meaning;
  std::size_t bytes_max = 0;                       // of text, or of one item of a list
  NumberBounds bounds = {};                        // decimal and integer
  std::span<const std::string_view> choices = {};  // choice only
};

// A field as one event type uses it.
struct FieldUse {
  Field field;
  bool required = false;
  // The definition's, save for `parent`: a task's is an id, a unit's a node.
  FieldShape shape = FieldShape::text;
  const FieldDefinition* definition = nullptr;
  std::string_view name;
};

enum class EventFamily : std::uint8_t {
  observation,
  measurement,
  task,
  indicator,
  target,
  unit,
  person,
  period,
  alert,
};

struct EventDefinition {
  EventType type;
  std::string_view name;
  EventKind kind;
  EventFamily family;
  std::optional<Field> subject;  // the field that `subject` repeats, and that it stands for when absent
  std::span<const FieldUse> fields;
  std::span<const Field> at_least_one_of;  // empty: no such rule
  std::string_view meaning;
};

std::span<const EventDefinition> event_definitions();  // in the order of their numbers
std::span<const FieldDefinition> field_definitions();  // in the order of their numbers

const EventDefinition& definition_of(EventType type);
const FieldDefinition& definition_of(Field field);
// Most names differ in length or first letter, which costs no call.
inline bool is_name(std::string_view text, std::string_view name) {
  return text.size() == name.size() && !text.empty() && text.front() == name.front() && text == name;
}
const FieldUse* find_field_use(const EventDefinition& definition, std::string_view name);
const FieldUse* find_field_use(const EventDefinition& definition, Field field);

std::string_view name_of(EventType type);  // "task.assigned"
std::string_view name_of(Field field);     // "due_at"
std::string_view name_of(FieldShape shape);
std::string_view name_of(EventKind kind);
std::string_view name_of(EventFamily family);
EventKind kind_of(EventType type);
std::span<const FieldUse> fields_of(EventType type);

// "task.assigned", or with a reverse-DNS prefix that ends at a dot: "vn.gov.city.task.assigned".
// "observation.recorded" is another name of "observation".
std::optional<EventType> find_event_type(std::string_view name);
std::optional<Field> find_field(std::string_view name);
// The type of a number on the wire; nullopt when no event has it.
std::optional<EventType> event_type_of(std::uint8_t number);

// Members of `data` that are the envelope's, never attributes: effective_at, recorded_at, entity_version,
// actor, supersedes.
bool is_envelope_member(std::string_view name);

// Rules between fields, whatever the type.
struct FieldPair {
  Field first;
  Field second;
};
std::span<const FieldPair> fields_given_together();  // both or neither
std::span<const FieldPair> fields_that_need();       // the first needs the second
std::span<const FieldPair> fields_in_order();        // timestamps: the first is before the second
std::span<const FieldPair> fields_not_above();       // decimals: the first is at most the second

}  // namespace slipstream
