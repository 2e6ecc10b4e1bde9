// Views: where rows come from, which node and window they belong to, and how long and how often they count.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"
#include "engine/expression/cell.h"

namespace slipstream {
namespace {

constexpr std::array<std::string_view, 3> kRelationNames = {"tasks", "measurements", "observations"};

std::optional<Relation> load_relation(const Section& view, Loading& loading) {
  const auto at = view.require("from", "from: tasks");
  if (!at) return std::nullopt;
  const auto index = read_word(*at, kRelationNames, loading.report);
  if (!index) return std::nullopt;
  return static_cast<Relation>(*index + 1);
}

// A task belongs to its unit, a figure to its node.
std::vector<std::uint16_t> default_node_columns(const Scope& scope, Relation from) {
  const std::string_view wanted = from == Relation::tasks ? "unit" : "node";
  for (std::size_t i = 0; i < scope.columns.size(); ++i)
    if (scope.columns[i].name == wanted) return {static_cast<std::uint16_t>(i)};
  return {};
}

void load_nodes(const Section& view, const Scope& scope, ViewPlan& plan, Loading& loading) {
  const auto at = view.find("node");
  if (!at) {
    plan.node_columns = default_node_columns(scope, plan.from);
    return;
  }
  for (const Setting& item : items_or_self(*at)) {
    const auto column = find_column(item, scope, Type::text, loading.report);
    if (!column) continue;
    if (std::find(plan.node_columns.begin(), plan.node_columns.end(), *column) != plan.node_columns.end())
      loading.report.add(ErrorCode::duplicate_name, item,
                         fmt::format("column '{}' is in the path twice", item.node->scalar));
    plan.node_columns.push_back(*column);
  }
}

// An observation is folded once and forgotten: no clock may change its mind later.
void check_clock(const Setting& at, const ViewPlan& plan, bool uses_clock, Report& report) {
  if (uses_clock && plan.from == Relation::observations)
    report.add(ErrorCode::not_supported, at,
               "now() in a view of observations, which are not kept to be counted again",
               "compare with another column");
}

void load_where(const Section& view, const Scope& scope, ViewPlan& plan, Loading& loading) {
  const auto at = view.find("where");
  if (!at) return;
  auto where = read_expression(*at, scope, Type::boolean, loading.report);
  if (!where) return;
  check_clock(*at, plan, where->uses_clock(), loading.report);
  plan.where = *std::move(where);
}

void load_latest(const Section& view, ViewPlan& plan, Loading& loading) {
  const auto at = view.find("latest_per");
  if (!at) return;
  static constexpr std::array<std::string_view, 1> kWords = {"series"};
  plan.latest_per_series = read_word(*at, kWords, loading.report).has_value();
  if (plan.from != Relation::measurements)
    loading.report.add(ErrorCode::invalid_value, *at,
                       fmt::format("{} have no series to carry forward", name_of(plan.from)),
                       "only a view of measurements can");
}

// What stands until something replaces it is part of every later window: there is no time at which it could
// go.
void check_retention(const Section& view, const ViewPlan& plan, Loading& loading) {
  const auto at = view.find("retention");
  if (!at) return;
  const auto& specs = plan.windows.specs();
  const auto carried = std::find_if(
      specs.begin(), specs.end(), [](const WindowSpec& spec) { return spec.kind == WindowKind::cumulative; });
  if (plan.latest_per_series)
    loading.report.add(
        ErrorCode::invalid_value, *at,
        "a view of the latest report of each series keeps everything: the latest one counts in "
        "every later window",
        "leave out retention, or latest_per");
  else if (carried != specs.end())
    loading.report.add(
        ErrorCode::invalid_value, *at,
        fmt::format("a view with the window {} keeps everything: all of it counts in every later window",
                    carried->name()),
        "leave out retention, or give the cumulative windows a view of their own");
}

void load_deduplicate(const Section& view, ViewPlan& plan, Loading& loading) {
  const auto at = view.find("deduplicate");
  if (!at) return;
  if (plan.from != Relation::observations)
    loading.report.add(ErrorCode::invalid_value, *at,
                       fmt::format("{} are deduplicated by their id, always", name_of(plan.from)),
                       "leave the key out");
  static constexpr std::array<std::string_view, 3> kWords = {"none", "sequence", "id"};
  if (at->node->kind != Document::Kind::map) {
    plan.deduplicate = read_enum<Deduplicate>(*at, kWords, loading.report).value_or(Deduplicate::none);
    return;
  }
  const auto section = Section::open(*at, keys::kDeduplicate, loading.report);
  if (const auto by = section->require("by", "by: id"))
    plan.deduplicate = read_enum<Deduplicate>(*by, kWords, loading.report).value_or(Deduplicate::none);
  if (const auto window = section->find("window"))
    plan.deduplicate_window =
        read_duration_positive(*window, loading.report).value_or(plan.deduplicate_window);
}

// What a published row has beside its measures, and the exact number beside one that was rounded.
constexpr std::array<std::string_view, 4> kRowMembers = {"view", "every", "as_of", "definitions"};

void load_publish(const Section& view, ViewPlan& plan, Loading& loading) {
  const auto at = view.find("publish");
  if (!at) return;
  plan.publish = read_boolean(*at, loading.report).value_or(false);
  if (!plan.publish) return;
  for (const MeasurePlan& measure : plan.measures) {
    const bool is_exact_of_another = std::any_of(
        plan.measures.begin(), plan.measures.end(),
        [&](const MeasurePlan& other) { return measure.name == other.name + std::string(kExactSuffix); });
    if (is_exact_of_another ||
        std::find(kRowMembers.begin(), kRowMembers.end(), measure.name) != kRowMembers.end())
      loading.report.add(ErrorCode::duplicate_name, *at,
                         fmt::format("every published row has a member '{}' already", measure.name),
                         "choose another name for the measure");
  }
}

void collect_columns(const Expression& expression, std::vector<std::uint16_t>& columns) {
  if (!expression) return;
  const auto used = expression.columns_used();
  columns.insert(columns.end(), used.begin(), used.end());
}

void summarise_use(ViewPlan& plan) {
  std::vector<std::uint16_t> columns = plan.node_columns;
  columns.push_back(plan.window_column);
  collect_columns(plan.where, columns);
  plan.uses_clock = plan.where && plan.where.uses_clock();
  for (const MeasurePlan& measure : plan.measures) {
    for (const Expression* part :
         {&measure.expression.argument, &measure.expression.denominator, &measure.expression.filter}) {
      collect_columns(*part, columns);
      plan.uses_clock = plan.uses_clock || (*part && part->uses_clock());
    }
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  plan.columns_used = std::move(columns);
}

void load_view(const Section& view, ViewPlan& plan, ViewState& state, Loading& loading) {
  if (const auto title = view.find("title"))
    plan.title = read_title(*title, loading.report).value_or(Title{});
  if (const auto retention = view.find("retention"))
    plan.retention = read_duration_positive(*retention, loading.report);
  const auto from = load_relation(view, loading);
  if (!from) return;  // without columns, nothing that follows can be judged
  plan.from = *from;
  const Scope& scope = loading.plan.scopes[*from];
  load_where(view, scope, plan, loading);
  load_nodes(view, scope, plan, loading);
  load_latest(view, plan, loading);
  load_deduplicate(view, plan, loading);
  load_windows(view, scope, plan, state, loading);
  check_retention(view, plan, loading);
  load_measures(view, scope, plan, state, loading);
  load_publish(view, plan, loading);
  summarise_use(plan);
}

}  // namespace

void load_views(const Section& top, Loading& loading) {
  const auto at = top.require("views", "views: { delivery: { from: tasks, ... } }");
  if (!at || at->node->kind != Document::Kind::map) loading.views_known = false;
  if (!at) return;
  const auto views = open_names(*at, loading.report);
  if (loading.views_known && at->node->entries.empty())
    loading.report.add(ErrorCode::invalid_value, *at, "no view is declared", "declare at least one");
  for (const Named& named : views) {
    ViewPlan plan;
    ViewState state;
    plan.name = named.name;
    if (const auto view = Section::open(named.value, keys::kView, loading.report))
      load_view(*view, plan, state, loading);
    loading.plan.views.push_back(std::move(plan));
    loading.view_states.push_back(state);
  }
}

}  // namespace slipstream
