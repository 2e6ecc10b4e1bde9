#include "engine/aggregate/contribution.h"

#include "engine/fold/relation.h"

namespace slipstream {
namespace {

// The value an expression has in the row, NULL for none; a column alone is read without the evaluator.
Value input_value(const Expression& expression, std::span<const Value> row, EvaluationContext& context) {
  if (!expression) return {};
  if (const auto column = expression.as_column()) return row[*column];
  return evaluate(expression, row, context);
}

bool holds(const Expression& condition, std::span<const Value> row, EvaluationContext& context) {
  if (!condition) return true;
  const Value value = evaluate(condition, row, context);
  return !value.is_null() && value.as_boolean();
}

void fill_inputs(const ViewPlan& view, std::span<const Value> row, EvaluationContext& context,
                 Contribution& out) {
  for (std::size_t i = 0; i < view.measures.size(); ++i) {
    const MeasureExpression& measure = view.measures[i].expression;
    if (!holds(measure.filter, row, context)) continue;
    out.inputs.push_back({static_cast<std::uint16_t>(i), input_value(measure.argument, row, context),
                          input_value(measure.denominator, row, context)});
  }
}

// A deadline belongs to what it ends: one given as the last day of a month ends at the midnight that begins
// the next.
bool is_deadline(const ViewPlan& view) {
  return view.from == Relation::tasks &&
         (view.window_column == task_column::due_at || view.window_column == task_column::original_due_at);
}

}  // namespace

std::string_view node_of(const Plan& plan, const ViewPlan& view, std::span<const Value> row, Arena& arena) {
  std::string_view node;
  std::string path;  // of more than one part
  const bool is_path = plan.organisation.tree == TreeSource::paths;
  for (const std::uint16_t column : view.node_columns) {
    const Value& part = row[column];
    if (part.is_null() || part.as_text().empty()) {
      if (is_path) break;
      continue;  // a person has a place of its own, whether or not the unit is named
    }
    if (node.empty() || !is_path) {
      node = part.as_text();
      continue;
    }
    if (path.empty()) path = node;
    path += '/';
    path += part.as_text();
    node = path;
  }
  if (node.empty()) return plan.organisation.root;
  return path.empty() ? node : arena.keep(std::move(path));
}

void append_contribution(const Plan& plan, std::uint32_t view_index, std::span<const Value> row,
                         std::uint64_t order_tie, EvaluationContext& context,
                         std::vector<Contribution>& out) {
  const ViewPlan& view = plan.views[view_index];
  const Value& at = row[view.window_column];
  if (at.is_null() || !holds(view.where, row, context)) return;
  Contribution& contribution = out.emplace_back();
  contribution.view = view_index;
  contribution.order_at = at.as_timestamp();
  contribution.slice = view.windows.slice_of(is_deadline(view) ? contribution.order_at - microseconds(1)
                                                               : contribution.order_at);
  contribution.order_tie = order_tie;
  contribution.node = node_of(plan, view, row, *context.arena);
  fill_inputs(view, row, context, contribution);
}

void append_carried(const Plan& plan, std::uint32_t view_index, std::span<const Value> row,
                    std::span<const Value> next, std::uint64_t order_tie, EvaluationContext& context,
                    std::vector<Contribution>& out) {
  const ViewPlan& view = plan.views[view_index];
  const std::size_t before = out.size();
  append_contribution(plan, view_index, row, order_tie, context, out);
  if (out.size() == before || next.empty() || next[view.window_column].is_null()) return;
  const Timestamp replaced_at = view.windows.slice_of(next[view.window_column].as_timestamp());
  if (replaced_at == out.back().slice) {
    out.pop_back();
    return;
  }
  Contribution withdrawal = out.back();
  withdrawal.slice = replaced_at;
  withdrawal.sign = -1;
  out.push_back(std::move(withdrawal));
}

}  // namespace slipstream
