#include "engine/app/answers/asked.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/suggestion.h"
#include "engine/view/known_nodes.h"

namespace slipstream {
namespace {

std::optional<std::size_t> index_of_view(const Plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.views.size(); ++i)
    if (plan.views[i].name == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> index_of_kpi(const Plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.kpis.size(); ++i)
    if (plan.kpis[i].name == name) return i;
  return std::nullopt;
}

Error no_such_subject(const Plan& plan, const std::string& name) {
  std::vector<std::string> known;
  for (const ViewPlan& view : plan.views)
    known.push_back(view.name);
  for (const KpiPlan& kpi : plan.kpis)
    known.push_back(kpi.name);
  const std::string near = suggest(name, known);
  return {ErrorCode::usage,
          fmt::format("no view or KPI '{}'; {}", name, near.empty() ? "there are " + listed(known) : near)};
}

constexpr std::size_t kNodesListedMax = 10;

std::string last_segment(const std::string& node) { return node.substr(node.rfind('/') + 1); }

// People know a node by its last segment, and may misspell that.
std::string suggest_node(const std::string& unknown, const std::vector<std::string>& nodes) {
  const std::string whole = suggest(unknown, nodes);
  if (!whole.empty()) return whole;
  std::vector<std::string> segments;
  for (const std::string& node : nodes)
    segments.push_back(last_segment(node));
  const std::string near = suggest(unknown, segments);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (near == fmt::format("did you mean '{}'?", segments[i]))
      return fmt::format("did you mean '{}'?", nodes[i]);
  return "";
}

Error as_usage(const Error& error) { return {ErrorCode::usage, error.message}; }

Result<> narrow_to_label(const ViewPlan& view, const std::string& label, ViewQuery& query,
                         std::optional<Window>& exactly) {
  const auto window = view.windows.parse_label(label, query.window_spec);
  if (!window) return tl::unexpected(as_usage(window.error()));
  exactly = *window;
  query.window_spec = window->spec;
  query.to = window->end;
  if (window->start > Timestamp::min()) {
    query.from = window->start;
  } else if (const auto before = view.windows.previous(*window)) {
    query.from = before->end;
  }
  return {};
}

}  // namespace

Result<AskedSubject> find_subject(const Plan& plan, const std::string& name) {
  const bool only_kpi = name.starts_with("kpi:");
  const bool only_view = name.starts_with("view:");
  const std::string bare = only_kpi ? name.substr(4) : only_view ? name.substr(5) : name;
  if (!only_kpi)
    if (const auto view = index_of_view(plan, bare)) return AskedSubject{*view, std::nullopt};
  if (!only_view)
    if (const auto kpi = index_of_kpi(plan, bare)) return AskedSubject{plan.kpis[*kpi].view, kpi};
  return tl::unexpected(no_such_subject(plan, bare));
}

Result<> require_node(const CommittedState& state, const std::string& node) {
  SLIPSTREAM_ASSIGN(const bool is_known, is_known_node(state, node));
  if (is_known) return {};
  SLIPSTREAM_ASSIGN(std::vector<std::string> nodes, known_nodes(state));
  std::string hint = suggest_node(node, nodes);
  if (hint.empty()) {
    const std::size_t all = nodes.size();
    nodes.resize(std::min(all, kNodesListedMax));
    hint = fmt::format("there are {}{}", listed(nodes), all > nodes.size() ? ", ..." : "");
  }
  return fail(ErrorCode::usage, fmt::format("no node '{}'; {}", node, hint));
}

std::vector<std::string> rule_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const AlertPlan& alert : plan.alerts)
    names.push_back(alert.name);
  return names;
}

Result<> require_rule(const std::vector<std::string>& known, const std::string& rule) {
  if (rule.empty() || std::find(known.begin(), known.end(), rule) != known.end()) return {};
  const std::string near = suggest(rule, known);
  return fail(ErrorCode::usage, fmt::format("no alert rule '{}'; {}", rule,
                                            !near.empty()   ? near
                                            : known.empty() ? "there is none"
                                                            : "there are " + listed(known)));
}

Result<Timestamp> parse_begin(const std::string& text, const Zone& zone) {
  const auto at = parse_timestamp(text, &zone);
  if (!at) return tl::unexpected(as_usage(at.error()));
  return *at;
}

Result<Timestamp> parse_end(const std::string& text, const Zone& zone) {
  if (!parse_date(text)) return parse_begin(text, zone);
  const auto end = parse_deadline(text, zone);
  if (!end) return tl::unexpected(as_usage(end.error()));
  return *end;
}

Result<Timestamp> parse_as_of(const std::string& text, const Zone& zone, Timestamp clock) {
  SLIPSTREAM_ASSIGN(Timestamp at, parse_end(text, zone));
  if (parse_date(text)) at = at - kMoment;
  if (at <= clock) return at;
  return fail(ErrorCode::usage, fmt::format("as of {}: figures are there up to {}, where the clock stands",
                                            text, format_timestamp(clock, zone)));
}

Result<> narrow(const Plan& plan, const AskedWindows& asked, ViewQuery& query,
                std::optional<Window>& exactly) {
  const ViewPlan& view = plan.views[query.view];
  if (!asked.every.empty()) {
    query.window_spec = view.windows.find_spec(asked.every);
    if (!query.window_spec) {
      std::vector<std::string> known;
      for (const WindowSpec& spec : view.windows.specs())
        known.push_back(spec.name());
      return fail(ErrorCode::usage, fmt::format("view {} has no window '{}'; it has {}", view.name,
                                                asked.every, listed(known)));
    }
  }
  if (!asked.from.empty()) {
    SLIPSTREAM_ASSIGN(query.from, parse_begin(asked.from, plan.zone));
  }
  if (!asked.to.empty()) {
    SLIPSTREAM_ASSIGN(query.to, parse_end(asked.to, plan.zone));
  }
  if (query.from && query.to && *query.to <= *query.from)
    return fail(ErrorCode::usage, fmt::format("to {} is not after from {}", asked.to, asked.from));
  return asked.label.empty() ? Result<>() : narrow_to_label(view, asked.label, query, exactly);
}

}  // namespace slipstream
