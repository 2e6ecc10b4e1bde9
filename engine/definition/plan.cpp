#include "engine/definition/plan.h"

#include <array>

#include "engine/fold/relation.h"

namespace slipstream {
namespace {

std::vector<Column> task_columns() {
  return {
      {"task", Type::text},
      {"title", Type::text},
      {"assigner", Type::text},
      {"unit", Type::text},
      {"position", Type::text},
      {"person", Type::text},
      {"current_unit", Type::text},
      {"current_position", Type::text},
      {"current_person", Type::text},
      {"weight", Type::decimal},
      {"assigned_at", Type::timestamp},
      {"due_at", Type::timestamp},
      {"original_due_at", Type::timestamp},
      {"completed_at", Type::timestamp},
      {"accepted_at", Type::timestamp},
      {"returned_at", Type::timestamp},
      {"progressed_at", Type::timestamp},
      {"cancelled_at", Type::timestamp},
      {"status", Type::text},
      {"percent", Type::decimal},
      {"grade", Type::text},
      {"starred", Type::boolean},
      {"parent", Type::text},
      {"returns", Type::integer},
      {"extensions", Type::integer},
      {"handovers", Type::integer},
      {"reopenings", Type::integer},
      {"quality_fault", Type::boolean},
      {"excused", Type::boolean},
      {"suspended", Type::boolean},
      {"cancelled", Type::boolean},
      {"source", Type::text},
  };
}

std::vector<Column> measurement_columns() {
  return {
      {"indicator", Type::text},
      {"node", Type::text},
      {"effective_at", Type::timestamp},
      {"period_start", Type::timestamp},
      {"period_end", Type::timestamp},
      {"value", Type::decimal},
      {"numerator", Type::decimal},
      {"denominator", Type::decimal},
      {"recorded_at", Type::timestamp},
      {"corrected", Type::boolean},
      {"actor", Type::text},
      {"source", Type::text},
  };
}

std::vector<Column> observation_columns() {
  return {
      {"metric", Type::text},           {"node", Type::text},
      {"value", Type::decimal},         {"effective_at", Type::timestamp},
      {"recorded_at", Type::timestamp}, {"sequence", Type::integer},
      {"source", Type::text},
  };
}

std::vector<Column> checked(std::vector<Column> columns, std::size_t count) {
  SLIPSTREAM_INVARIANT(columns.size() == count,
                       std::to_string(columns.size()) + " columns, not " + std::to_string(count));
  return columns;
}

template <class Item>
const Item* find_by_name(const std::vector<Item>& items, std::string_view name) {
  for (const Item& item : items)
    if (item.name == name) return &item;
  return nullptr;
}

}  // namespace

std::string_view name_of(Better better) {
  switch (better) {
    case Better::higher:
      return "higher";
    case Better::lower:
      return "lower";
    case Better::range:
      return "range";
  }
  return "";
}

std::string_view name_of(Relation relation) {
  switch (relation) {
    case Relation::tasks:
      return "tasks";
    case Relation::measurements:
      return "measurements";
    case Relation::observations:
      return "observations";
  }
  return "unknown";
}

const std::vector<Column>& relation_columns(Relation relation) {
  static const std::vector<Column> tasks = checked(task_columns(), task_column::count_);
  static const std::vector<Column> measurements = checked(measurement_columns(), measurement_column::count_);
  static const std::vector<Column> observations = checked(observation_columns(), observation_column::count_);
  switch (relation) {
    case Relation::tasks:
      return tasks;
    case Relation::measurements:
      return measurements;
    case Relation::observations:
      return observations;
  }
  return tasks;
}

const std::vector<Column>& kpi_scope_tail() {
  static const std::vector<Column> columns = {
      {"window_start", Type::timestamp}, {"window_end", Type::timestamp}, {"node", Type::text}};
  return columns;
}

std::vector<Column> alert_scope(const ViewPlan& view) {
  std::vector<Column> columns = {
      {"status", Type::text},        {"value", Type::decimal},    {"expected", Type::decimal},
      {"target", Type::decimal},     {"baseline", Type::decimal}, {"gap", Type::decimal},
      {"attainment", Type::decimal}, {"forecast", Type::decimal},
  };
  for (const MeasurePlan& measure : view.measures)
    columns.push_back({measure.name, measure.expression.type});
  columns.insert(columns.end(), kpi_scope_tail().begin(), kpi_scope_tail().end());
  return columns;
}

const ViewPlan* Plan::find_view(std::string_view view_name) const { return find_by_name(views, view_name); }
const KpiPlan* Plan::find_kpi(std::string_view kpi_name) const { return find_by_name(kpis, kpi_name); }

}  // namespace slipstream
