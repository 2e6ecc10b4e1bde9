#include "engine/definition/version.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hash.h"

namespace slipstream {
namespace {

// Raised when the engine itself comes to write other rows for the same definition.
constexpr int kRowFormat = 3;
// Raised when it comes to write other records of the same row.
constexpr int kPublishedFormat = 1;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// One space for every run of white space outside quotes, none at the ends. A text with an SQL comment stays
// as it is: there a line end has a meaning.
std::string without_layout(const std::string& text) {
  if (text.find("--") != std::string::npos || text.find("/*") != std::string::npos) return text;
  std::string out;
  char quote = '\0';
  for (const char c : text) {
    if (quote == '\0' && is_blank(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    if (quote == '\0' && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = '\0';
    out += c;
  }
  if (quote == '\0' && !out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Length before text: no two different lists of texts have the same bytes.
void append_text(std::string& out, std::string_view text) { out += fmt::format("{}:{}", text.size(), text); }

void append_document(std::string& out, const Document& node) {
  switch (node.kind) {
    case Document::Kind::absent:
      out += '-';
      return;
    case Document::Kind::scalar:
      append_text(out, without_layout(node.scalar));
      return;
    case Document::Kind::list:
      out += '[';
      for (const Document& item : node.items)
        append_document(out, item);
      out += ']';
      return;
    case Document::Kind::map:
      break;
  }
  std::vector<const Document::Entry*> entries;
  for (const Document::Entry& entry : node.entries)
    entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  out += '{';
  for (const Document::Entry* entry : entries) {
    append_text(out, entry->key);
    append_document(out, entry->value);
  }
  out += '}';
}

void append_view(std::string& out, const Plan& plan, const ViewPlan& view) {
  const auto& columns = plan.scopes.at(view.from).columns;
  append_text(out, view.name);
  append_text(out, name_of(view.from));
  append_text(out, without_layout(view.where.text()));
  for (const std::uint16_t column : view.node_columns)
    append_text(out, columns[column].name);
  out += ';';
  for (const std::uint16_t column : view.columns_used)
    append_text(out, fmt::format("{} {}", columns[column].name, name_of(columns[column].type)));
  out += fmt::format(";{};{};{};{};{};", columns[view.window_column].name, view.latest_per_series,
                     view.retention ? view.retention->us : -1, static_cast<int>(view.deduplicate),
                     view.deduplicate_window.us);
  for (const WindowSpec& spec : view.windows.specs())
    append_text(out, spec.name());
  out += ';';
  for (const MeasurePlan& measure : view.measures) {
    append_text(out, measure.name);
    append_text(out, without_layout(measure.expression.text));
    out += fmt::format("{};{};", measure.distinct_exact_max, measure.relative_error.normalized().to_string());
  }
}

// Of views over reported figures, where not every indicator counts.
void append_indicators(std::string& out, const IndicatorPlan& indicators) {
  if (indicators.from == IndicatorSource::any) return;
  out += fmt::format("indicators {};", static_cast<int>(indicators.from));
  for (const std::string& name : indicators.names)
    append_text(out, name);
}

// What every view's rows depend on.
void append_ground(std::string& out, const Plan& plan) {
  append_text(out, plan.zone.name());
  append_text(out, plan.organisation.root);
  out += fmt::format("{};{}-{};{};", kRowFormat, plan.fiscal_year_start.month, plan.fiscal_year_start.day,
                     static_cast<int>(plan.organisation.tree));
}

// The views in no particular order, and what decides which events are accepted.
std::string shape_of_state(const Plan& plan) {
  std::string bytes;
  append_ground(bytes, plan);
  std::vector<std::uint32_t> ids;
  for (const ViewPlan& view : plan.views)
    ids.push_back(view.id.value);
  std::sort(ids.begin(), ids.end());
  for (const std::uint32_t id : ids)
    bytes += fmt::format("{:08x}", id);
  append_indicators(bytes, plan.indicators);
  for (const auto& wait : {plan.organisation.wait_max, plan.indicators.wait_max})
    bytes += fmt::format(";{}", wait ? wait->us : -1);
  for (const auto& [relation, columns] : plan.extra_columns)
    for (const Column& column : columns)
      append_text(bytes, fmt::format("{} {} {}", name_of(relation), column.name, name_of(column.type)));
  return bytes;
}

// Which views are published, in no particular order; empty: none.
std::string shape_of_published(const Plan& plan) {
  std::vector<std::uint32_t> ids;
  for (const ViewPlan& view : plan.views)
    if (view.publish) ids.push_back(view.id.value);
  std::sort(ids.begin(), ids.end());
  std::string bytes;
  for (const std::uint32_t id : ids)
    bytes += fmt::format("{:08x}", id);
  return bytes;
}

void append_rule(std::string& out, const Plan& plan, const AlertPlan& alert) {
  const WindowPlan& windows = plan.views[plan.kpis[alert.kpi].view].windows;
  append_text(out, without_layout(alert.when.text()));
  append_text(out, windows.specs()[alert.window_spec.value_or(0)].name());
  append_text(out, alert.severity);
  out += fmt::format("{};{};{};", alert.for_duration.us, alert.keep_firing_for.us, alert.labels.size());
  for (const auto& [name, value] : alert.labels) {
    append_text(out, name);
    append_text(out, value);
  }
}

void append_kpi(std::string& out, const Plan& plan, const KpiPlan& kpi) {
  append_text(out, without_layout(kpi.value.text()));
  out += fmt::format("{};{:08x};", static_cast<int>(kpi.better), plan.views[kpi.view].id.value);
}

void append_target(std::string& out, const TargetPlan& target, const WindowPlan& windows) {
  append_text(out, target.window_spec ? windows.specs()[*target.window_spec].name() : "");
  out += fmt::format("{};{};{};{};{};", target.period_start.us, target.period_end.us, target.from_events,
                     static_cast<int>(target.trajectory.kind), static_cast<int>(target.tolerance.unit));
  for (const Rational& number :
       {target.baseline, target.target, target.target_high, target.tolerance.green, target.tolerance.amber})
    append_text(out, exact_text(number));
  for (const TrajectoryPoint& point : target.trajectory.points)
    append_text(out, fmt::format("{} {}", point.at.us, exact_text(point.value)));
}

}  // namespace

void assign_version(const Document& document, Plan& plan) {
  std::string all;
  append_document(all, document);
  for (ViewPlan& view : plan.views) {
    std::string bytes;
    append_ground(bytes, plan);
    append_view(bytes, plan, view);
    if (view.from == Relation::measurements) append_indicators(bytes, plan.indicators);
    view.id = ViewId(static_cast<std::uint32_t>(hash64(bytes)));
    // The order of measures is the order of a row's bytes, and a version must tell two such orders apart.
    append_text(all, bytes);
  }
  plan.version = fmt::format("{:016x}", hash64(all));
  plan.state_version = fmt::format("{:016x}", hash64(shape_of_state(plan)));
  const std::string published = shape_of_published(plan);
  plan.views_version =
      published.empty()
          ? ""
          : fmt::format("{:016x}",
                        hash64(fmt::format("{};{};{}", kPublishedFormat, plan.state_version, published)));
}

std::string basis_of(const Plan& plan, const AlertPlan& alert, const TargetPlan* target) {
  const KpiPlan& kpi = plan.kpis[alert.kpi];
  std::string bytes;
  append_rule(bytes, plan, alert);
  append_kpi(bytes, plan, kpi);
  if (target != nullptr) append_target(bytes, *target, plan.views[kpi.view].windows);
  return fmt::format("{:016x}", hash64(bytes));
}

}  // namespace slipstream
