// Measures: what a view counts.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/mean_of_means.h"
#include "engine/definition/settings.h"

namespace slipstream {
namespace {

// A formula or a rule names measures beside the columns that every KPI and alert has: they must not look
// alike.
bool check_name(const Named& named, Report& report) {
  for (const Column& column : alert_scope(ViewPlan{})) {
    if (column.name != named.name) continue;
    report.add(ErrorCode::duplicate_name, named.mark, named.value.path,
               fmt::format("every KPI and alert has a column '{}' already", named.name),
               "choose another name");
    return false;
  }
  return check_not_reserved(named, report);
}

void check_aggregate(const Setting& at, const MeasurePlan& plan, Aggregate wanted, std::string_view call,
                     Report& report) {
  if (plan.expression.type != Type::null && plan.expression.aggregate != wanted)
    report.add(ErrorCode::invalid_value, at, fmt::format("only {} takes this key", call),
               "leave the key out");
}

void load_relative_error(const Setting& at, MeasurePlan& plan, Report& report) {
  const auto number = read_number(at, report);
  if (!number) return;
  const auto error = Decimal::parse(at.node->scalar);
  if (error->to_double() >= kRelativeErrorMin && error->to_double() <= kRelativeErrorMax)
    plan.relative_error = *error;
  else
    report.add(ErrorCode::invalid_value, at,
               fmt::format("must be from {} to {}", kRelativeErrorMin, kRelativeErrorMax));
}

void check_clock(const Setting& at, const ViewPlan& view, const MeasureExpression& measure, Report& report) {
  if (view.from != Relation::observations) return;
  for (const Expression* part : {&measure.argument, &measure.denominator, &measure.filter}) {
    if (!*part || !part->uses_clock()) continue;
    report.add(ErrorCode::not_supported, at,
               "now() in a view of observations, which are not kept to be counted again",
               "compare with another column");
    return;
  }
}

void load_expression(const Setting& at, const Scope& scope, const ViewPlan& view, MeasurePlan& plan,
                     Report& report) {
  auto expression = read_measure_expression(at, scope, report);
  if (!expression) return;
  check_clock(at, view, *expression, report);
  check_mean_of_ratios(at, *expression, report);
  plan.expression = *std::move(expression);
}

void load_measure(const Named& named, const Scope& scope, const ViewPlan& view, MeasurePlan& plan,
                  Report& report) {
  if (named.value.node->kind != Document::Kind::map)
    return load_expression(named.value, scope, view, plan, report);
  const auto section = Section::open(named.value, keys::kMeasure, report);
  if (const auto value = section->require("value", "value: count(*)"))
    load_expression(*value, scope, view, plan, report);
  if (const auto title = section->find("title")) plan.title = read_title(*title, report).value_or(Title{});
  if (const auto unit = section->find("unit")) plan.unit = read_text(*unit, report).value_or("");
  if (const auto at = section->find("exact_up_to")) {
    plan.distinct_exact_max = static_cast<std::uint32_t>(
        read_integer(*at, 0, kDistinctBoundMax, report).value_or(plan.distinct_exact_max));
    check_aggregate(*at, plan, Aggregate::distinct, "count(distinct ...)", report);
  }
  if (const auto at = section->find("relative_error")) {
    load_relative_error(*at, plan, report);
    check_aggregate(*at, plan, Aggregate::percentile, "percentile_cont(...)", report);
  }
}

MeasureSpec layout_spec(const MeasurePlan& measure, Relation from, TreeSource tree) {
  MeasureSpec spec = spec_of(measure.expression);
  spec.distinct_bound = measure.distinct_exact_max;
  spec.relative_error = measure.relative_error.to_double();
  // A reading never changes, but in a tree from events its unit may move to other nodes, and take it along.
  spec.append_only = from == Relation::observations && tree == TreeSource::paths;
  return spec;
}

// One measure at a time first, so that what the accumulators refuse stands at its own place.
void compile_layout(const std::vector<Named>& names, TreeSource tree, ViewPlan& view, Report& report) {
  std::vector<MeasureSpec> specs;
  for (std::size_t i = 0; i < view.measures.size(); ++i) {
    specs.push_back(layout_spec(view.measures[i], view.from, tree));
    const auto alone = AccumulatorLayout::compile({specs.back()});
    if (!alone) report.add(alone.error().code, names[i].value, alone.error().message);
  }
  auto layout = AccumulatorLayout::compile(specs);
  if (layout) view.layout = *std::move(layout);
}

}  // namespace

void load_measures(const Section& section, const Scope& scope, ViewPlan& view, ViewState& state,
                   Loading& loading) {
  Report& report = loading.report;
  const auto at = section.require("measures", "measures: { assigned: count(*) }");
  if (!at || at->node->kind != Document::Kind::map) {
    if (at) open_names(*at, report);
    return;
  }
  state.measures_known = true;
  const std::size_t before = report.count();
  const auto names = open_names(*at, report);
  if (at->node->entries.empty())
    report.add(ErrorCode::invalid_value, *at, "no measure is declared", "declare at least one");
  for (const Named& named : names) {
    MeasurePlan plan;
    plan.name = named.name;
    check_name(named, report);
    if (named.value.node->kind == Document::Kind::absent)
      report.add(ErrorCode::invalid_value, named.mark, named.value.path,
                 fmt::format("measure '{}' has no value", named.name), "write one like count(*)");
    else
      load_measure(named, scope, view, plan, report);
    view.measures.push_back(std::move(plan));
  }
  if (report.count() == before) compile_layout(names, loading.plan.organisation.tree, view, report);
}

}  // namespace slipstream
