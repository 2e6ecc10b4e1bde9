#include "engine/fold/measurement.h"

#include <algorithm>

#include "engine/base/encoding.h"
#include "engine/fold/entity.h"
#include "engine/fold/relation.h"

namespace slipstream {
namespace {

namespace mc = measurement_column;

void set_field(std::span<Value> row, Field field, const Value& value) {
  switch (field) {
    case Field::indicator:
      row[mc::indicator] = value;
      break;
    case Field::node:
      row[mc::node] = value;
      break;
    case Field::period_start:
      row[mc::period_start] = value;
      break;
    case Field::period_end:
      row[mc::period_end] = value;
      break;
    case Field::value:
      row[mc::value] = value;
      break;
    case Field::numerator:
      row[mc::numerator] = value;
      break;
    case Field::denominator:
      row[mc::denominator] = value;
      break;
    default:
      break;
  }
}

}  // namespace

Result<bool> fold_measurement(std::string_view history, const DeclaredColumns& declared,
                              std::span<Value> row) {
  SLIPSTREAM_ASSIGN(const std::vector<StoredEvent> events, read_history(history));
  if (events.empty() || events.back().type == EventType::measurement_retracted) return false;
  const StoredEvent& newest = events.back();
  set_null(row);
  SLIPSTREAM_TRY(newest.read_payload(
      [&](Field field, const Value& value) { set_field(row, field, value); },
      [&](std::string_view name, const Value& value) { declared.set(name, value, row); }));
  row[mc::effective_at] = Value::timestamp(newest.effective_at);
  if (row[mc::period_start].is_null()) row[mc::period_start] = row[mc::effective_at];
  row[mc::recorded_at] = Value::timestamp(newest.recorded_at);
  row[mc::corrected] = Value::boolean(newest.type == EventType::measurement_corrected);
  if (!newest.actor.empty()) row[mc::actor] = Value::text(newest.actor);
  row[mc::source] = Value::text(newest.source);
  return true;
}

FigurePeriod period_of(const Event& event) {
  FigurePeriod period{event.effective_at};
  const Value* start = event.find(Field::period_start);
  if (start != nullptr && !start->is_null()) period.start = start->as_timestamp();
  const Value* end = event.find(Field::period_end);
  if (end != nullptr && !end->is_null()) period.end = end->as_timestamp();
  return period;
}

FigurePeriod SeriesPeriods::at(std::size_t index) const {
  FigurePeriod period;
  ByteReader in(std::string_view(bytes_).substr(index * kBytes));
  const bool read = in.read_timestamp(period.start) && in.read_timestamp(period.end);
  SLIPSTREAM_INVARIANT(read, std::to_string(bytes_.size()));
  return period;
}

std::size_t SeriesPeriods::lower_bound(const FigurePeriod& period) const {
  std::size_t low = 0, high = count();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (at(middle) < period) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::optional<FigurePeriod> SeriesPeriods::before(const FigurePeriod& period) const {
  const std::size_t index = lower_bound(period);
  return index == 0 ? std::nullopt : std::optional(at(index - 1));
}

std::optional<FigurePeriod> SeriesPeriods::after(const FigurePeriod& period) const {
  const std::size_t index = lower_bound(period) + (contains(period) ? 1 : 0);
  return index == count() ? std::nullopt : std::optional(at(index));
}

bool SeriesPeriods::contains(const FigurePeriod& period) const {
  const std::size_t index = lower_bound(period);
  return index < count() && at(index) == period;
}

void SeriesPeriods::insert(const FigurePeriod& period) {
  std::string bytes;
  append_timestamp(bytes, period.start);
  append_timestamp(bytes, period.end);
  bytes_.insert(lower_bound(period) * kBytes, bytes);
}

void SeriesPeriods::erase(const FigurePeriod& period) { bytes_.erase(lower_bound(period) * kBytes, kBytes); }

}  // namespace slipstream
