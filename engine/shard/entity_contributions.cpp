#include "engine/shard/entity_contributions.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/decode/catalogue.h"
#include "engine/definition/suggestion.h"
#include "engine/fold/measurement.h"
#include "engine/fold/relation.h"
#include "engine/fold/task.h"

namespace slipstream {
namespace {

constexpr std::uint16_t built_in_columns(Relation relation) {
  switch (relation) {
    case Relation::tasks:
      return task_column::count_;
    case Relation::measurements:
      return measurement_column::count_;
    case Relation::observations:
      return observation_column::count_;
  }
  return 0;
}

Result<> check_indicator(const IndicatorPlan& plan, const Event& event) {
  const Value* indicator = event.find(Field::indicator);
  if (plan.from != IndicatorSource::definition || indicator == nullptr || indicator->is_null()) return {};
  const std::string_view name = indicator->as_text();
  if (std::binary_search(plan.names.begin(), plan.names.end(), name)) return {};
  const std::string hint = suggest(name, plan.names);
  return fail(
      ErrorCode::unknown_indicator,
      fmt::format(
          "indicator '{}' is not one of the definitions'{}; correct the event, or add it to 'indicators' "
          "and replay",
          name, hint.empty() ? "" : " (" + hint + ")"));
}

}  // namespace

EntityContributions::EntityContributions(const Plan& plan) : plan_(plan) {
  for (const Relation relation : {Relation::tasks, Relation::measurements, Relation::observations}) {
    const auto extra = plan.extra_columns.find(relation);
    const std::vector<Column> declared =
        extra == plan.extra_columns.end() ? std::vector<Column>() : extra->second;
    of(relation).declared = DeclaredColumns(declared, built_in_columns(relation), plan.zone);
    of(relation).columns = built_in_columns(relation) + declared.size();
    of(relation).row.resize(of(relation).columns);
  }
  next_row_.resize(of(Relation::measurements).columns);
  for (std::uint32_t i = 0; i < plan.views.size(); ++i) {
    of(plan.views[i].from).views.push_back(i);
    carries_series_ |= plan.views[i].latest_per_series;
  }
}

Result<> EntityContributions::add_task(std::string_view key, std::string_view history, Timestamp at,
                                       Evaluation& out) {
  RelationPlan& tasks = of(Relation::tasks);
  if (tasks.views.empty()) return {};
  SLIPSTREAM_ASSIGN(const bool exists, fold_task(history, tasks.declared, tasks.row));
  if (!exists) return {};
  EvaluationContext context{at, &plan_.zone, &arena_};
  const std::uint64_t tie = hash64(key);
  for (const std::uint32_t view : tasks.views)
    append_contribution(plan_, view, tasks.row, tie, context, out.contributions);
  out.valid_until = std::min(out.valid_until, context.valid_until);
  numeric_error_ |= context.numeric_error;
  return {};
}

Result<> EntityContributions::add_measurement(std::string_view key, std::string_view history,
                                              std::string_view next, Timestamp at, Evaluation& out) {
  RelationPlan& measurements = of(Relation::measurements);
  if (measurements.views.empty()) return {};
  SLIPSTREAM_ASSIGN(const bool exists, fold_measurement(history, measurements.declared, measurements.row));
  if (!exists) return {};
  if (known_indicators_ != nullptr &&
      !known_indicators_->contains(measurements.row[measurement_column::indicator].as_text()))
    return {};
  std::span<const Value> next_row;
  if (!next.empty()) {
    SLIPSTREAM_ASSIGN(const bool followed, fold_measurement(next, measurements.declared, next_row_));
    if (followed) next_row = next_row_;
  }
  EvaluationContext context{at, &plan_.zone, &arena_};
  const std::uint64_t tie = hash64(key);
  for (const std::uint32_t view : measurements.views) {
    if (plan_.views[view].latest_per_series) {
      append_carried(plan_, view, measurements.row, next_row, tie, context, out.contributions);
    } else {
      append_contribution(plan_, view, measurements.row, tie, context, out.contributions);
    }
  }
  out.valid_until = std::min(out.valid_until, context.valid_until);
  numeric_error_ |= context.numeric_error;
  return {};
}

void EntityContributions::add_observation(const Event& event, std::span<const std::uint32_t> views,
                                          Timestamp at, std::vector<Contribution>& out) {
  namespace oc = observation_column;
  RelationPlan& observations = of(Relation::observations);
  std::vector<Value>& row = observations.row;
  set_null(row);
  for (const EventField& field : event.fields) {
    if (field.field == Field::metric) row[oc::metric] = field.value;
    if (field.field == Field::node) row[oc::node] = field.value;
    if (field.field == Field::value) row[oc::value] = field.value;
    if (field.field == Field::sequence) row[oc::sequence] = field.value;
  }
  row[oc::effective_at] = Value::timestamp(event.effective_at);
  row[oc::recorded_at] = Value::timestamp(event.recorded_at);
  row[oc::source] = Value::text(event.source);
  for (const EventAttribute& attribute : event.attributes)
    observations.declared.set(attribute.name, attribute.value, row);
  EvaluationContext context{at, &plan_.zone, &arena_};
  const std::uint64_t tie = hash64(event.id);
  for (const std::uint32_t view : views)
    append_contribution(plan_, view, row, tie, context, out);
  numeric_error_ |= context.numeric_error;
}

Result<bool> EntityContributions::has_measurement(std::string_view history) {
  RelationPlan& measurements = of(Relation::measurements);
  return fold_measurement(history, measurements.declared, measurements.row);
}

Result<> EntityContributions::check(const Event& event) const {
  switch (kind_of(event.type)) {
    case EventKind::task:
      return of(Relation::tasks).declared.check(event);
    case EventKind::measurement:
      SLIPSTREAM_TRY(check_indicator(plan_.indicators, event));
      return of(Relation::measurements).declared.check(event);
    case EventKind::observation:
      return of(Relation::observations).declared.check(event);
    default:
      return {};
  }
}

}  // namespace slipstream
