#include "engine/fold/series.h"

#include "engine/fold/entity.h"
#include "engine/fold/relation.h"

namespace slipstream {
namespace {

namespace mc = measurement_column;

// The newest event of each period that has not been retracted.
std::vector<const StoredEvent*> newest_by_period(const std::vector<StoredEvent>& events) {
  std::vector<const StoredEvent*> newest;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool last_of_period = i + 1 == events.size() || events[i + 1].group != events[i].group;
    if (last_of_period && events[i].type != EventType::measurement_retracted) newest.push_back(&events[i]);
  }
  return newest;
}

void keep_around(std::vector<const StoredEvent*>& newest, Timestamp period) {
  std::size_t first = 0;
  while (first < newest.size() && newest[first]->group < period) ++first;
  std::size_t last = first;
  if (last < newest.size() && newest[last]->group == period) ++last;
  if (last < newest.size()) ++last;
  if (first > 0) --first;
  newest.erase(newest.begin() + static_cast<std::ptrdiff_t>(last), newest.end());
  newest.erase(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(first));
}

void set_field(std::span<Value> row, Field field, const Value& value) {
  switch (field) {
    case Field::indicator: row[mc::indicator] = value; break;
    case Field::node: row[mc::node] = value; break;
    case Field::period_start: row[mc::period_start] = value; break;
    case Field::period_end: row[mc::period_end] = value; break;
    case Field::value: row[mc::value] = value; break;
    case Field::numerator: row[mc::numerator] = value; break;
    case Field::denominator: row[mc::denominator] = value; break;
    default: break;
  }
}

Result<SeriesRow> row_of(const StoredEvent& event, const DeclaredColumns& declared, std::size_t declared_count) {
  SeriesRow result{event.group, std::vector<Value>(mc::count_ + declared_count)};
  std::span<Value> row(result.row);
  SLIPSTREAM_TRY(event.read_payload([&](Field field, const Value& value) { set_field(row, field, value); },
                                    [&](std::string_view name, const Value& value) { declared.set(name, value, row); }));
  row[mc::effective_at] = Value::timestamp(event.effective_at);
  if (row[mc::period_start].is_null()) row[mc::period_start] = Value::timestamp(event.group);
  row[mc::recorded_at] = Value::timestamp(event.recorded_at);
  row[mc::corrected] = Value::boolean(event.type == EventType::measurement_corrected);
  if (!event.actor.empty()) row[mc::actor] = Value::text(event.actor);
  row[mc::source] = Value::text(event.source);
  return result;
}

}  // namespace

Result<std::vector<SeriesRow>> fold_series(std::string_view history, const DeclaredColumns& declared,
                                           std::size_t declared_count, std::optional<Timestamp> around) {
  SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> events, read_history(history));
  std::vector<const StoredEvent*> newest = newest_by_period(events);
  if (around) keep_around(newest, *around);
  std::vector<SeriesRow> rows;
  rows.reserve(newest.size());
  for (const StoredEvent* event : newest) {
    SLIPSTREAM_ASSIGN(SeriesRow row, row_of(*event, declared, declared_count));
    rows.push_back(std::move(row));
  }
  return rows;
}

Timestamp period_of(const Event& event) {
  const Value* start = event.find(Field::period_start);
  return start != nullptr && !start->is_null() ? start->as_timestamp() : event.effective_at;
}

}  // namespace slipstream
