// Applies a mapping to one row: all of its events, or what is wrong with the row. A row is taken whole or not
// at all. Belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/lookup_table.h"
#include "connectors/file/mapping.h"
#include "connectors/file/row_source.h"
#include "engine/decode/decoder.h"
#include "engine/decode/event_builder.h"

namespace slipstream {

// An event as it goes into the log.
struct ImportedEvent {
  EventType type = EventType::observation;
  EventKind kind = EventKind::observation;
  std::string key;    // the event's subject: task id, or node
  std::string bytes;  // FlatBuffers, identifier SLEV
};

class RowMapper {
 public:
  // `clock` bounds the future; `lookups` are those of the mapping, in its order.
  RowMapper(const Mapping& mapping, std::vector<LookupTable> lookups, Timestamp clock);

  // Appends the events of the row to `out`. On a problem `out` is as it was.
  std::optional<RowProblem> map(const Row& row, std::vector<ImportedEvent>& out);

 private:
  struct Text {
    std::string_view text;
    bool present = false;
  };

  bool holds(const RowCondition& condition, const Row& row) const;
  Result<Text> render(const ValueTemplate& value, const Row& row);
  Result<std::string_view> cell(const TemplatePart& part, const Row& row) const;
  std::optional<RowProblem> map_event(const EventRule& rule, const Row& row, std::vector<ImportedEvent>& out);
  Result<> build(const EventRule& rule, const Row& row);
  Result<> set_envelope(const EventRule& rule, const Row& row, EventBuilder& builder);
  Result<> set_text(EnvelopeText member, const std::optional<ValueTemplate>& value, const Row& row,
                    EventBuilder& builder);
  Result<> set_time(EnvelopeTime member, const std::optional<ValueTemplate>& value, const Row& row,
                    EventBuilder& builder);
  Result<> add_fields(const EventRule& rule, const Row& row, EventBuilder& builder);
  void set_default_id();
  void blame(const ValueTemplate& value);
  std::string name_of_part(const TemplatePart& part) const;

  const Mapping& mapping_;
  std::vector<LookupTable> lookups_;
  DecodeOptions options_;
  Timestamp clock_;
  // Of the event at work:
  Event event_;
  Arena arena_;
  std::string blamed_;  // the column to name when the step at work fails
};

}  // namespace slipstream
