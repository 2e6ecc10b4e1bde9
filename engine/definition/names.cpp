// Names that one part of the definitions uses and another declares.
#include <fmt/format.h>

#include "engine/definition/loading.h"
#include "engine/definition/settings.h"
#include "engine/definition/suggestion.h"

namespace slipstream {
namespace {

template <class Item>
std::vector<std::string> names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const Item& item : items)
    names.push_back(item.name);
  return names;
}

std::string suggest_or_list(const std::string& unknown, const std::vector<std::string>& known) {
  std::string hint = suggest(unknown, known);
  if (hint.empty() && !known.empty()) hint = "there are: " + listed(known);
  return hint;
}

}  // namespace

Scope kpi_scope(const ViewPlan& view) {
  Scope scope;
  scope.clock_as_value = true;
  for (const MeasurePlan& measure : view.measures)
    scope.columns.push_back({measure.name, measure.expression.type});
  scope.columns.insert(scope.columns.end(), kpi_scope_tail().begin(), kpi_scope_tail().end());
  return scope;
}

std::optional<std::uint16_t> find_column(const Setting& at, const Scope& scope, Type wanted, Report& report) {
  const auto name = read_text(at, report);
  if (!name) return std::nullopt;
  for (std::size_t i = 0; i < scope.columns.size(); ++i) {
    const Column& column = scope.columns[i];
    if (column.name != *name) continue;
    if (column.type == wanted || column.type == Type::null) return static_cast<std::uint16_t>(i);
    report.add(
        ErrorCode::type_mismatch, at,
        fmt::format("column '{}' is of type {}, not {}", *name, name_of(column.type), name_of(wanted)));
    return std::nullopt;
  }
  report.add(ErrorCode::unknown_name, at, fmt::format("no such column '{}'", *name),
             suggest(*name, names_of(scope.columns)));
  return std::nullopt;
}

bool check_not_reserved(const Named& named, Report& report) {
  Scope scope;
  scope.columns.push_back({named.name, Type::integer});
  std::vector<ExpressionError> errors;
  const auto expression = compile_expression(named.name, scope, Type::null, errors);
  if (expression && expression->as_column()) return true;
  report.add(ErrorCode::invalid_value, named.mark, named.value.path,
             fmt::format("'{}' is a reserved word of the expression language", named.name),
             "choose another name");
  return false;
}

std::optional<std::size_t> read_kpi(const Section& section, Loading& loading) {
  const auto& kpis = loading.plan.kpis;
  if (!loading.kpis_known) return std::nullopt;
  const auto at = section.find("kpi");
  if (!at) {
    if (section.at().node->find("kpi") != nullptr) return std::nullopt;  // without a value: reported
    if (kpis.size() == 1) return 0;
    loading.report.add(ErrorCode::invalid_value, section.at(),
                       kpis.empty() ? "no KPI is declared that it could judge" : "key 'kpi' is missing",
                       kpis.empty() ? "declare one under 'kpis'" : "one of: " + listed(names_of(kpis)));
    return std::nullopt;
  }
  const auto name = read_text(*at, loading.report);
  if (!name) return std::nullopt;
  for (std::size_t i = 0; i < kpis.size(); ++i)
    if (kpis[i].name == *name) return i;
  loading.report.add(ErrorCode::unknown_name, *at, fmt::format("no such KPI '{}'", *name),
                     suggest_or_list(*name, names_of(kpis)));
  return std::nullopt;
}

std::optional<NodePattern> read_nodes(const Section& section, Loading& loading) {
  const std::string& root = loading.plan.organisation.root;
  const auto at = section.find("nodes");
  if (!at) return *NodePattern::parse({"**"}, root);
  std::vector<std::string> texts;
  bool all_read = true;
  for (const Setting& item : items_or_self(*at)) {
    const auto text = read_text(item, loading.report);
    const auto parsed = text ? NodePattern::parse({*text}, root) : fail(ErrorCode::invalid_value, "");
    if (text && !parsed) loading.report.add(parsed.error().code, item, parsed.error().message);
    all_read = all_read && parsed.has_value();
    if (parsed) texts.push_back(*text);
  }
  if (!all_read) return std::nullopt;
  auto nodes = NodePattern::parse(texts, root);
  if (nodes) return *std::move(nodes);
  loading.report.add(nodes.error().code, *at, nodes.error().message);
  return std::nullopt;
}

}  // namespace slipstream
