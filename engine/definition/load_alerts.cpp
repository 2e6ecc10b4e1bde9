// Alerts: what must hold, for how long, before somebody is told.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/keys.h"
#include "engine/definition/loading.h"
#include "engine/definition/settings.h"

namespace slipstream {
namespace {

// The columns of alert_scope() that are NULL, or grey, without a target.
constexpr std::array<std::string_view, 7> kNeedTarget = {"status", "expected",   "target",  "baseline",
                                                         "gap",    "attainment", "forecast"};

bool has_target(const Plan& plan, std::size_t kpi) {
  return std::any_of(plan.targets.begin(), plan.targets.end(),
                     [&](const TargetPlan& target) { return target.kpi == kpi; });
}

void check_has_target(const Setting& at, const AlertPlan& plan, const Scope& scope, Loading& loading) {
  if (has_target(loading.plan, plan.kpi)) return;
  for (const std::uint16_t column : plan.when.columns_used()) {
    const std::string& name = scope.columns[column].name;
    if (std::find(kNeedTarget.begin(), kNeedTarget.end(), name) == kNeedTarget.end()) continue;
    loading.report.add(
        ErrorCode::invalid_value, at,
        fmt::format("'{}' needs a target, and KPI '{}' has none", name, loading.plan.kpis[plan.kpi].name),
        "declare one under 'targets'");
    return;
  }
}

void load_when(const Section& section, const ViewPlan& view, AlertPlan& plan, Loading& loading) {
  const auto at = section.find("when");
  if (!at) return;
  const Scope scope{alert_scope(view), true};
  auto when = read_expression(*at, scope, Type::boolean, loading.report);
  if (!when) return;
  plan.when = *std::move(when);
  if (loading.targets_known) check_has_target(*at, plan, scope, loading);
}

void load_labels(const Setting& at, AlertPlan& plan, Report& report) {
  if (at.node->kind != Document::Kind::map) {
    report.add(ErrorCode::type_mismatch, at, "expected a map of labels", "write { team: permits }");
    return;
  }
  for (const Document::Entry& entry : at.node->entries) {
    const Setting label = at.entry(entry);
    if (entry.value.kind == Document::Kind::absent)
      report.add(ErrorCode::invalid_value, entry.key_mark, label.path,
                 fmt::format("label '{}' has no value", entry.key));
    else if (plan.labels.contains(entry.key))
      report.add(ErrorCode::duplicate_name, entry.key_mark, label.path,
                 fmt::format("label '{}' is written twice", entry.key));
    else
      plan.labels[entry.key] = read_text(label, report).value_or("");
  }
}

void load_times(const Section& section, AlertPlan& plan, Report& report) {
  if (const auto at = section.find("for"))
    plan.for_duration = read_duration(*at, report).value_or(Duration{});
  if (const auto at = section.find("keep_firing_for"))
    plan.keep_firing_for = read_duration(*at, report).value_or(Duration{});
  if (const auto at = section.find("evaluate")) plan.evaluate_every = read_duration_positive(*at, report);
}

void load_alert(const Section& section, AlertPlan& plan, Loading& loading) {
  static constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "critical"};
  Report& report = loading.report;
  if (const auto title = section.find("title")) plan.title = read_title(*title, report).value_or(Title{});
  if (auto nodes = read_nodes(section, loading)) plan.nodes = *std::move(nodes);
  if (const auto at = section.find("severity"))
    if (const auto index = read_word(*at, kSeverities, report)) plan.severity = kSeverities[*index];
  if (const auto labels = section.find("labels")) load_labels(*labels, plan, report);
  load_times(section, plan, report);
  const auto kpi = read_kpi(section, loading);
  section.require("when", "when: \"status = 'red'\"");
  if (!kpi || !loading.kpi_states[*kpi].view_known) return;
  plan.kpi = *kpi;
  const std::size_t view = loading.plan.kpis[*kpi].view;
  const auto every = section.find("every");
  if (every && loading.view_states[view].windows_known)
    plan.window_spec = read_window_name(*every, loading.plan.views[view], report);
  if (loading.view_states[view].measures_known) load_when(section, loading.plan.views[view], plan, loading);
}

}  // namespace

void load_alerts(const Section& top, Loading& loading) {
  const auto at = top.find("alerts");
  if (!at) return;
  for (const Named& named : open_names(*at, loading.report)) {
    AlertPlan plan;
    plan.name = named.name;
    if (const auto section = Section::open(named.value, keys::kAlert, loading.report))
      load_alert(*section, plan, loading);
    loading.plan.alerts.push_back(std::move(plan));
  }
}

}  // namespace slipstream
