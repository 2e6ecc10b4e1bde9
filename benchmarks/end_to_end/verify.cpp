#include "benchmarks/end_to_end/verify.h"

#include <fmt/format.h>

#include "engine/app/deployment.h"
#include "engine/view/view_reader.h"

namespace slipstream::bench {
namespace {

Result<Totals> read_totals(const CommittedState& state, std::string_view view_name, std::string_view root) {
  const ViewPlan& view = *state.plan->find_view(view_name);
  ViewQuery query;
  query.view = static_cast<std::size_t>(&view - state.plan->views.data());
  query.node = std::string(root);
  Totals totals;
  SLIPSTREAM_TRY(read_view(state, query, [&](ViewRow&& row) {
    for (std::size_t i = 0; i < row.measures.size(); ++i)
      if (const auto number = number_of(row.measures[i])) totals[row.label][view.measures[i].name] = *number;
    return true;
  }));
  return totals;
}

}  // namespace

Result<> verify(const std::filesystem::path& data, const std::filesystem::path& definitions,
                std::string_view view, std::string_view root, const Totals& expected) {
  Configuration configuration;
  configuration.data = data;
  configuration.definitions = definitions;
  Diagnostics diagnostics;
  const auto plan = load_plan(configuration, diagnostics);
  if (!plan) return fail(diagnostics.front().code, format_diagnostic(diagnostics.front()));
  SLIPSTREAM_ASSIGN(const auto deployment, Deployment::open(configuration, Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Totals found, read_totals(state, view, root));
  if (found == expected) return {};
  for (const auto& [window, row] : expected)
    for (const auto& [measure, value] : row) {
      const auto same_window = found.find(window);
      const auto same = same_window == found.end() ? row.end() : same_window->second.find(measure);
      const bool there = same_window != found.end() && same != same_window->second.end();
      if (there && same->second == value) continue;
      return fail(ErrorCode::internal,
                  fmt::format("{} {} {} is {}, not {}", view, window, measure,
                              there ? format_rational(same->second) : "missing", format_rational(value)));
    }
  return fail(ErrorCode::internal, "the view has windows in which nothing happened");
}

}  // namespace slipstream::bench
