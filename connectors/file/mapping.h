// How the rows of a file become events: a YAML file beside the data, checked whole before the first row is
// read. docs/import.md explains every key to users. Immutable after loading.
//
//   format: csv                      # csv | jsonl | flatbuffers; the last two may hold events as they are
//   time_zone: Europe/Amsterdam      # of dates and local times
//   source: permits/cases            # CloudEvents source of the events
//   lookups:                         # other CSV files, by key: {states.region}
//     states: { file: states.csv, key: state }
//   events:                          # each row becomes each of these
//     - type: task.assigned
//       when: assigned_at            # column | column = 'text' | column <> 'text'
//       id: "{case_id}/assigned"     # default: <type>/<hash of the content>-<hash of the subject>
//       time: assigned_at
//       fields: { task: case_id, title: "Permit {case_id}", weight: "=1" }
//       attributes: { channel: channel }
//
// A value is a column's name, a template with {column} inside, or a constant after "=". A value of which one
// column is empty is itself absent, as in SQL: no id or node is ever made of half its parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/decode/catalogue.h"
#include "engine/definition/diagnostic.h"

namespace slipstream {

enum class FileFormat : std::uint8_t { csv, json_lines, flatbuffers };

struct TemplatePart {
  enum class From : std::uint8_t { literal, column, lookup };
  From from = From::literal;
  std::string literal;
  std::size_t lookup = 0;  // index into Mapping::lookups
  std::size_t column = 0;  // index into Mapping::columns, or into that lookup's columns
};

struct ValueTemplate {
  std::vector<TemplatePart> parts;  // none: the empty text
  bool is_constant() const {
    for (const TemplatePart& part : parts)
      if (part.from != TemplatePart::From::literal) return false;
    return true;
  }
};

struct RowCondition {
  enum class Test : std::uint8_t { not_empty, equal, different };
  std::size_t column = 0;  // index into Mapping::columns
  Test test = Test::not_empty;
  std::string text;
};

struct FieldRule {
  const FieldUse* use = nullptr;
  ValueTemplate value;
};

struct AttributeRule {
  std::string name;
  ValueTemplate value;
};

// One event of each row for which `when` holds. Templates that are not written are nullopt.
struct EventRule {
  const EventDefinition* type = nullptr;
  std::optional<RowCondition> when;
  std::optional<ValueTemplate> id;
  ValueTemplate time;
  std::optional<ValueTemplate> effective_at, recorded_at, entity_version, actor, supersedes, subject;
  std::vector<FieldRule> fields;
  std::vector<AttributeRule> attributes;
};

// A CSV file read into memory, its rows found by the text of one column.
struct LookupPlan {
  std::string name;
  std::string file;                  // relative to the imported file's folder, else to the mapping's
  std::string key;                   // column of the lookup's file
  std::size_t by = 0;                // column of the row that holds the key: index into Mapping::columns
  std::vector<std::string> columns;  // used by templates
};

struct Mapping {
  FileFormat format = FileFormat::csv;
  Zone zone;
  std::string source;
  char delimiter = ',';
  std::vector<std::string> columns;  // of the imported file that anything uses
  std::vector<LookupPlan> lookups;
  std::vector<EventRule> events;  // empty: the file holds events as they are
  Hash128 hash;                   // of everything written in the mapping file; not of its comments and layout
};

// On failure returns nullopt and appends at least one diagnostic. `file` is the name diagnostics show.
std::optional<Mapping> load_mapping(const Document& document, const std::string& file,
                                    Diagnostics& diagnostics);

// What a file of events as they are needs no mapping file for; `format` is not csv.
Mapping mapping_of_events(FileFormat format);

}  // namespace slipstream
