#include "engine/decode/catalogue_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/decode/catalogue.h"

namespace slipstream {
namespace {

constexpr std::string_view kIntroduction = R"(# Events

The reference of what may come in. The tables are the engine's own catalogue (`engine/decode/catalogue.h`); a test keeps
this page equal to it. JSON Schemas are in `schemas/json`, with examples; the FlatBuffers schema is
`schemas/event.fbs`; `schemas/asyncapi.yaml` describes the topics.

## Encodings

- **CloudEvents JSON, structured mode**: one JSON object with the envelope and `data`.
- **CloudEvents, binary mode**: the envelope in headers `ce_id`, `ce_source`, `ce_type`, `ce_time`, ...; the value is the
  `data` object as JSON, or a FlatBuffer.
- **FlatBuffers** with the identifier `SLEV`.

`type` may carry a reverse-DNS prefix: `vn.gov.city.task.assigned`. `observation.recorded` is `observation`.

## Key and partition

A record's key is its event's subject: the task, or the node. Kafka's default partitioner (murmur2 of the key) then chooses the
partition: Java's clients have it, librdkafka's and so kcat's and confluent-kafka's need `partitioner=murmur2_random`. All
events of one task come to one shard that way, in the order in which one producer sent them.

An event that comes in another partition, of a producer with another partitioner or none, is *sent on*: written again, as it
is, to its subject's partition, where it counts; the first record counts nowhere. It costs a second record, and comes behind
what was written there in the meantime. The same happens to an event of the kinds `reference` and `action` on the topic
`events`, and to one of the other kinds on `reference`; that topic has one partition, whatever the key.

## Envelope

| Member | Where | Needed | Meaning |
|---|---|---|---|
| `specversion` | envelope | yes | `"1.0"` |
| `id` | envelope | yes | The event's id, at most 256 bytes. The same id with other content is refused. |
| `source` | envelope | yes | Who sent it, at most 256 bytes. |
| `type` | envelope | yes | One of the types below. |
| `subject` | envelope | | Repeats the field named under *subject* below, or stands for it; another value is refused. |
| `time` | envelope | yes | When the record was made, RFC 3339 with a zone offset. |
| `traceparent` | envelope | | W3C trace context; travels on to alerts and dead letters. Ignored when malformed. |
| `effective_at` | data | | When it was true; default `time`. As an extension attribute: `effectiveat`. |
| `recorded_at` | data | | When it was written down; default `time`. As an extension attribute: `recordedat`. |
| `entity_version` | data | | Version of the entity at the source, from 0. As an extension attribute: `entityversion`. |
| `actor` | data | | Who acted. May be an extension attribute. |
| `supersedes` | data | | Id of the event that this one replaces. May be an extension attribute. |

`time`, `effective_at` and `recorded_at` may not be later than the clock and a bounded skew, nor before 1900.

## Values

- **id**: a string of 1 to 256 bytes. **node**: a path, segments separated by single `/`, at most 512 bytes.
- **decimal**, **integer**: a JSON number, read exactly from its text, or the same as a string; at most 38 digits and 18
  decimals.
- **timestamp**: RFC 3339; at most microseconds. A date or a time without zone offset is read in the deployment's time
  zone; a date is its midnight at the start. **deadline**: the same, but a date is its midnight at the end.
- **interval**: PostgreSQL's text, e.g. `3 days`; no part negative.
- Lists are arrays of at most 1024 items. A day is `{"date": "2026-01-01", "working": false, "name": "..."}`.
- `null` is the same as absent. A member given twice is refused.
- Other members of `data` become attributes, which views may declare as columns: strings, numbers or booleans, at most
  256; objects and arrays are refused.

## Fields

| Field | Shape | Bounds | Meaning |
|---|---|---|---|
)";

std::string join_names(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name);
  return text;
}

std::string bounds_of(const FieldDefinition& field) {
  const NumberBounds& bounds = field.bounds;
  if (!field.choices.empty()) return join_names(field.choices);
  if (bounds.min && bounds.max) return fmt::format("{} to {}", *bounds.min, *bounds.max);
  if (bounds.min) return fmt::format("{} {}", bounds.above_min ? "above" : "at least", *bounds.min);
  if (field.bytes_max > 0)
    return fmt::format("{}{} bytes", is_list(field.shape) ? "each at most " : "at most ", field.bytes_max);
  return "";
}

std::vector<std::string_view> field_names(const EventDefinition& definition, bool required) {
  std::vector<std::string_view> names;
  for (const FieldUse& use : definition.fields)
    if (use.required == required) names.push_back(use.name);
  return names;
}

std::string event_row(const EventDefinition& definition) {
  std::string optional = join_names(field_names(definition, false));
  std::vector<std::string_view> some;
  for (const Field field : definition.at_least_one_of)
    some.push_back(name_of(field));
  if (!some.empty()) optional += fmt::format("; at least one of {}", join_names(some));
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", definition.name,
                     static_cast<int>(definition.type),
                     definition.subject ? fmt::format("`{}`", name_of(*definition.subject)) : "",
                     join_names(field_names(definition, true)), optional, definition.meaning);
}

std::string rules_text() {
  std::string text = "\n## Rules between fields\n\n";
  for (const auto [first, second] : fields_given_together())
    text += fmt::format("- `{}` and `{}` are given together.\n", name_of(first), name_of(second));
  for (const auto [first, second] : fields_that_need())
    text += fmt::format("- `{}` needs `{}`.\n", name_of(first), name_of(second));
  for (const auto [first, second] : fields_in_order())
    text += fmt::format("- `{}` is before `{}`.\n", name_of(first), name_of(second));
  for (const auto [first, second] : fields_not_above())
    text += fmt::format("- `{}` is not above `{}`.\n", name_of(first), name_of(second));
  return text + "- `shares` has as many items as `successors`, none negative, of sum 1.\n";
}

// JSON Schema. Lengths are bounds in bytes here and in characters there: the schema is the looser one.
constexpr std::string_view kDecimalPattern = R"(^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?$)";
constexpr std::string_view kNodePattern = "^[^/]+(/[^/]+)*$";
constexpr std::string_view kDatePattern = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
constexpr std::string_view kClockPattern =
    R"([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?)";
constexpr std::string_view kOffsetPattern = R"(([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))";

std::string nullable(bool required) { return required ? "" : R"(, "null")"; }
std::string null_branch(bool required) { return required ? "" : R"({"type": "null"}, )"; }

std::string text_schema(const FieldUse& use) {
  const FieldDefinition& field = *use.definition;
  const bool not_empty = use.shape != FieldShape::text;
  std::string schema =
      fmt::format(R"({{"type": ["string"{}], "maxLength": {})", nullable(use.required), field.bytes_max);
  if (not_empty) schema += R"(, "minLength": 1)";
  if (use.shape == FieldShape::node) schema += fmt::format(R"(, "pattern": "{}")", kNodePattern);
  return schema;
}

std::string choice_schema(const FieldUse& use) {
  std::string values;
  for (const std::string_view choice : use.definition->choices)
    values += fmt::format("{}\"{}\"", values.empty() ? "" : ", ", choice);
  if (!use.required) values += ", null";
  return fmt::format(R"({{"enum": [{}])", values);
}

std::string number_schema(const FieldUse& use) {
  const NumberBounds& bounds = use.definition->bounds;
  std::string limits;
  if (bounds.min)
    limits += fmt::format(R"(, "{}": {})", bounds.above_min ? "exclusiveMinimum" : "minimum", *bounds.min);
  if (bounds.max) limits += fmt::format(R"(, "maximum": {})", *bounds.max);
  return fmt::format(R"({{"anyOf": [{}{{"type": "{}"{}}}, {{"type": "string", "pattern": "{}"}}])",
                     null_branch(use.required), use.shape == FieldShape::integer ? "integer" : "number",
                     limits, kDecimalPattern);
}

std::string time_schema(const FieldUse& use) {
  return fmt::format(R"({{"type": ["string"{}], "pattern": "^{}({}{}?)?$")", nullable(use.required),
                     kDatePattern, kClockPattern, kOffsetPattern);
}

std::string item_schema(const FieldUse& use) {
  switch (use.shape) {
    case FieldShape::decimals:
      return fmt::format(
          R"({{"anyOf": [{{"type": "number", "minimum": 0}}, {{"type": "string", "pattern": "{}"}}]}})",
          kDecimalPattern);
    case FieldShape::days:
      return fmt::format(
          R"({{"type": "object", "required": ["date", "working"], "additionalProperties": false, "properties": )"
          R"({{"date": {{"type": "string", "pattern": "^{}$"}}, "working": {{"type": "boolean"}}, )"
          R"("name": {{"type": "string", "maxLength": {}}}}}}})",
          kDatePattern, use.definition->bytes_max);
    case FieldShape::nodes:
      return fmt::format(R"({{"type": "string", "maxLength": {}, "pattern": "{}"}})",
                         use.definition->bytes_max, kNodePattern);
    default:
      return fmt::format(R"({{"type": "string", "maxLength": {}{}}})", use.definition->bytes_max,
                         use.shape == FieldShape::ids ? R"(, "minLength": 1)" : "");
  }
}

std::string list_schema(const FieldUse& use) {
  const bool not_empty = use.field == Field::successors;
  return fmt::format(R"({{"type": ["array"{}], "maxItems": {}{}, "items": {})", nullable(use.required),
                     kListItemsMax, not_empty ? R"(, "minItems": 1)" : "", item_schema(use));
}

// Without the closing brace.
std::string open_field_schema(const FieldUse& use) {
  if (is_list(use.shape)) return list_schema(use);
  switch (use.shape) {
    case FieldShape::choice:
      return choice_schema(use);
    case FieldShape::decimal:
    case FieldShape::integer:
      return number_schema(use);
    case FieldShape::boolean:
      return fmt::format(R"({{"type": ["boolean"{}])", nullable(use.required));
    case FieldShape::interval:
      return fmt::format(R"({{"type": ["string"{}], "minLength": 1)", nullable(use.required));
    case FieldShape::timestamp:
    case FieldShape::deadline:
      return time_schema(use);
    default:
      return text_schema(use);
  }
}

std::string description_of(std::string_view meaning) {
  return fmt::format(R"("description": "{}")", meaning);
}

std::string data_properties(const EventDefinition& definition) {
  std::string text;
  for (const FieldUse& use : definition.fields)
    text += fmt::format("        \"{}\": {}, {}}},\n", use.name, open_field_schema(use),
                        description_of(use.definition->meaning));
  const std::string instant = fmt::format(R"({{"type": ["string", "null"], "pattern": "^{}({}{}?)?$"}})",
                                          kDatePattern, kClockPattern, kOffsetPattern);
  const std::string id =
      fmt::format(R"({{"type": ["string", "null"], "minLength": 1, "maxLength": {}}})", kIdBytesMax);
  text += fmt::format("        \"effective_at\": {},\n        \"recorded_at\": {},\n", instant, instant);
  text += fmt::format(
      "        \"entity_version\": {{\"anyOf\": [{{\"type\": \"null\"}}, {{\"type\": \"integer\", "
      "\"minimum\": 0}}, "
      "{{\"type\": \"string\", \"pattern\": \"{}\"}}]}},\n",
      kDecimalPattern);
  text += fmt::format("        \"actor\": {},\n        \"supersedes\": {}\n", id, id);
  return text;
}

std::string quoted_list(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", name);
  return text;
}

std::string data_requirement(std::string_view field) {
  return fmt::format(R"({{"required": ["data"], "properties": {{"data": {{"required": ["{}"]}}}}}})", field);
}

// `subject` may stand for one field; the others are needed in `data`.
std::string requirements(const EventDefinition& definition) {
  std::vector<std::string> all;
  std::vector<std::string_view> in_data;
  for (const FieldUse& use : definition.fields) {
    if (!use.required) continue;
    if (use.field != definition.subject) {
      in_data.push_back(use.name);
      continue;
    }
    all.push_back(
        fmt::format(R"({{"anyOf": [{{"required": ["subject"]}}, {}]}})", data_requirement(use.name)));
  }
  if (!in_data.empty())
    all.push_back(fmt::format(R"({{"required": ["data"], "properties": {{"data": {{"required": [{}]}}}}}})",
                              quoted_list(in_data)));
  if (!definition.at_least_one_of.empty()) {
    std::string some;
    for (const Field field : definition.at_least_one_of)
      some += fmt::format("{}{}", some.empty() ? "" : ", ", data_requirement(name_of(field)));
    all.push_back(fmt::format(R"({{"anyOf": [{}]}})", some));
  }
  std::string text;
  for (const std::string& requirement : all)
    text += fmt::format("{}    {}", text.empty() ? "" : ",\n", requirement);
  return text.empty() ? "" : fmt::format("  \"allOf\": [\n{}\n  ],\n", text);
}

std::string dependencies(const EventDefinition& definition) {
  std::string text;
  const auto add = [&](Field given, Field other) {
    if (find_field_use(definition, given) == nullptr || find_field_use(definition, other) == nullptr) return;
    text += fmt::format("{}\"{}\": [\"{}\"]", text.empty() ? "" : ", ", name_of(given), name_of(other));
  };
  for (const auto [first, second] : fields_given_together()) {
    add(first, second);
    add(second, first);
  }
  for (const auto [first, second] : fields_that_need())
    add(first, second);
  return text.empty() ? "" : fmt::format("      \"dependencies\": {{{}}},\n", text);
}

std::string type_pattern(const EventDefinition& definition) {
  std::string name(definition.name);
  if (definition.type == EventType::observation)
    name = "observation(\\\\.recorded)?";
  else
    name.replace(name.find('.'), 1, "\\\\.");
  return fmt::format("^(.*\\\\.)?{}$", name);
}

}  // namespace

std::string events_reference() {
  std::string text(kIntroduction);
  for (const FieldDefinition& field : field_definitions())
    text += fmt::format("| `{}` | {} | {} | {} |\n", field.name, name_of(field.shape), bounds_of(field),
                        field.meaning);
  text += "\n## Event types\n\nThe number is the type's in FlatBuffers.\n";
  std::optional<EventKind> kind;
  for (const EventDefinition& definition : event_definitions()) {
    if (kind != definition.kind)
      text += fmt::format(
          "\n### Kind `{}`\n\n| Type | Number | Subject | Needed | Optional | Meaning |\n"
          "|---|---|---|---|---|---|\n",
          name_of(definition.kind));
    kind = definition.kind;
    text += event_row(definition);
  }
  return text + rules_text();
}

std::string json_schema_of(EventType type) {
  const EventDefinition& definition = definition_of(type);
  const std::string id = fmt::format(R"({{"type": "string", "minLength": 1, "maxLength": {}}})", kIdBytesMax);
  std::string text = "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n";
  text += fmt::format("  \"title\": \"{}\",\n  {},\n", definition.name, description_of(definition.meaning));
  text +=
      "  \"type\": \"object\",\n  \"required\": [\"specversion\", \"id\", \"source\", \"type\", \"time\"],\n";
  text += requirements(definition);
  text += "  \"properties\": {\n    \"specversion\": {\"const\": \"1.0\"},\n";
  text += fmt::format("    \"id\": {},\n    \"source\": {},\n", id, id);
  text +=
      fmt::format("    \"type\": {{\"type\": \"string\", \"pattern\": \"{}\"}},\n", type_pattern(definition));
  text += fmt::format(
      "    \"subject\": {{\"type\": [\"string\", \"null\"], \"minLength\": 1, \"maxLength\": {}}},\n",
      kNodeBytesMax);
  text += fmt::format("    \"time\": {{\"type\": \"string\", \"pattern\": \"^{}{}{}$\"}},\n", kDatePattern,
                      kClockPattern, kOffsetPattern);
  text += "    \"datacontenttype\": {\"type\": [\"string\", \"null\"]},\n    \"data_base64\": false,\n";
  text += "    \"traceparent\": {\"type\": [\"string\", \"null\"]},\n";
  text += "    \"data\": {\n      \"type\": [\"object\", \"null\"],\n";
  text += dependencies(definition);
  text += fmt::format("      \"properties\": {{\n{}      }},\n", data_properties(definition));
  text +=
      "      \"additionalProperties\": {\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}\n    }\n  "
      "},\n";
  return text +
         "  \"additionalProperties\": {\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}\n}\n";
}

std::string json_schema_of_all() {
  std::string text =
      "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n  \"title\": \"event\",\n";
  text += "  \"description\": \"Any event, as a CloudEvent in structured mode.\",\n  \"oneOf\": [\n";
  std::string references;
  for (const EventDefinition& definition : event_definitions())
    references +=
        fmt::format("{}    {{\"$ref\": \"{}.json\"}}", references.empty() ? "" : ",\n", definition.name);
  return text + references + "\n  ]\n}\n";
}

}  // namespace slipstream
