// KPIs: formulas over the measures of one view.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/mean_of_means.h"
#include "engine/definition/settings.h"
#include "engine/definition/suggestion.h"
#include "engine/expression/syntax.h"

namespace slipstream {
namespace {

constexpr int kPrecisionMax = 18;

std::optional<std::size_t> read_view(const Setting& at, Loading& loading) {
  const auto name = read_text(at, loading.report);
  if (!name) return std::nullopt;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < loading.plan.views.size(); ++i) {
    if (loading.plan.views[i].name == *name) return i;
    known.push_back(loading.plan.views[i].name);
  }
  loading.report.add(ErrorCode::unknown_name, at, fmt::format("no such view '{}'", *name),
                     suggest(*name, known));
  return std::nullopt;
}

void collect_names(const Syntax& node, std::set<std::string>& names) {
  if (node.kind == SyntaxKind::column) names.insert(node.text);
  for (const Syntax& arg : node.args)
    collect_names(arg, names);
}

struct Candidates {
  std::vector<std::size_t> fitting;  // views that have every name of the formula
  std::size_t nearest = 0;           // the first view that has most of them
};

Candidates views_that_fit(const std::set<std::string>& names, const Plan& plan) {
  Candidates candidates;
  std::size_t most = 0;
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    std::size_t known = 0;
    for (const Column& column : kpi_scope(plan.views[i]).columns)
      known += names.count(column.name);
    if (known == names.size()) candidates.fitting.push_back(i);
    if (known > most) candidates.nearest = i;
    most = std::max(most, known);
  }
  return candidates;
}

// The only view that has all the names the formula uses; where none has, the one that comes nearest, so that
// its errors are shown.
std::optional<std::size_t> infer_view(const Setting& value, Loading& loading) {
  if (value.node->kind != Document::Kind::scalar || loading.plan.views.empty()) return std::nullopt;
  for (const ViewState& state : loading.view_states)
    if (!state.measures_known)
      return std::nullopt;  // the names may be those of a view that could not be read
  std::vector<ExpressionError> errors;
  const auto syntax = parse_syntax(value.node->scalar, errors);
  loading.report.add(value, errors);
  if (!syntax) return std::nullopt;
  std::set<std::string> names;
  collect_names(*syntax, names);
  const Candidates candidates = views_that_fit(names, loading.plan);
  if (candidates.fitting.size() == 1) return candidates.fitting.front();
  if (candidates.fitting.empty()) return candidates.nearest;
  std::vector<std::string> views;
  for (const std::size_t view : candidates.fitting)
    views.push_back(loading.plan.views[view].name);
  loading.report.add(ErrorCode::invalid_value, value,
                     fmt::format("the formula fits several views: {}", listed(views)),
                     fmt::format("add 'view: {}'", views.front()));
  return std::nullopt;
}

// A dashboard shows measures and KPIs of a view beside one another.
void check_name(const Named& named, const ViewPlan& view, Report& report) {
  for (const MeasurePlan& measure : view.measures)
    if (measure.name == named.name)
      report.add(ErrorCode::duplicate_name, named.mark, named.value.path,
                 fmt::format("view '{}' has a measure '{}' already", view.name, named.name),
                 "choose another name");
}

void load_formula(const Setting& value, KpiPlan& plan, const ViewState& state, Loading& loading) {
  if (!state.measures_known) return;
  const ViewPlan& view = loading.plan.views[plan.view];
  auto expression = read_expression(value, kpi_scope(view), Type::decimal, loading.report);
  if (!expression) return;
  check_mean_of_means(value, *expression, view, loading.report);
  plan.value = *std::move(expression);
}

void load_kpi(const Named& named, const Section& section, KpiPlan& plan, KpiState& state, Loading& loading) {
  static constexpr std::array<std::string_view, 3> kBetter = {"higher", "lower", "range"};
  Report& report = loading.report;
  if (const auto title = section.find("title")) plan.title = read_title(*title, report).value_or(Title{});
  if (const auto unit = section.find("unit")) plan.unit = read_text(*unit, report).value_or("");
  if (const auto better = section.find("better"))
    plan.better = read_enum<Better>(*better, kBetter, report).value_or(Better::higher);
  if (const auto precision = section.find("precision"))
    plan.precision =
        static_cast<int>(read_integer(*precision, 0, kPrecisionMax, report).value_or(plan.precision));
  const auto value = section.require("value", "value: \"100.0 * on_time / nullif(due, 0)\"");
  if (!loading.views_known) return;
  const auto at = section.find("view");
  const auto view = at ? read_view(*at, loading) : value ? infer_view(*value, loading) : std::nullopt;
  if (!view) return;
  plan.view = *view;
  state.view_known = true;
  check_name(named, loading.plan.views[*view], report);
  if (value) load_formula(*value, plan, loading.view_states[*view], loading);
}

}  // namespace

void load_kpis(const Section& top, Loading& loading) {
  const auto at = top.find("kpis");
  if (!at) return;
  loading.kpis_known = at->node->kind == Document::Kind::map;
  for (const Named& named : open_names(*at, loading.report)) {
    KpiPlan plan;
    KpiState state;
    plan.name = named.name;
    if (const auto section = Section::open(named.value, keys::kKpi, loading.report))
      load_kpi(named, *section, plan, state, loading);
    loading.plan.kpis.push_back(std::move(plan));
    loading.kpi_states.push_back(state);
  }
}

}  // namespace slipstream
