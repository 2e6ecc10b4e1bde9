#include "benchmarks/end_to_end/verify.h"

#include <fmt/format.h>

#include "engine/app/deployment.h"
#include "engine/view/view_reader.h"

namespace slipstream::bench {
namespace {

namespace fs = std::filesystem;

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

Result<std::shared_ptr<const Plan>> plan_of(const Configuration& configuration) {
  Diagnostics diagnostics;
  auto plan = load_plan(configuration, diagnostics);
  if (!plan) return fail(diagnostics.front().code, format_diagnostic(diagnostics.front()));
  return plan;
}

Configuration configuration_of(const fs::path& data, const fs::path& definitions) {
  Configuration configuration;
  configuration.data = data;
  configuration.definitions = definitions;
  return configuration;
}

}  // namespace

bool has_state(const fs::path& data, const fs::path& definitions) {
  const auto plan = plan_of(configuration_of(data, definitions));
  return plan && fs::exists(data / "state" / (*plan)->state_version);
}

Result<> verify(const fs::path& data, const fs::path& definitions, std::string_view view,
                std::string_view root, const Totals& expected) {
  const Configuration configuration = configuration_of(data, definitions);
  SLIPSTREAM_ASSIGN(const auto plan, plan_of(configuration));
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
