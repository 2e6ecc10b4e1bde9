#include "engine/app/commands/asked.h"

#include <fmt/format.h>

#include "engine/definition/suggestion.h"

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
    return fail(ErrorCode::usage, fmt::format("--to {} is not after --from {}", asked.to, asked.from));
  return asked.label.empty() ? Result<>() : narrow_to_label(view, asked.label, query, exactly);
}

}  // namespace slipstream
