#include "engine/app/output/waiting_facts.h"

namespace slipstream {

Result<> print_waiting(Answer& answer, const CommittedState& state, std::optional<std::size_t> view) {
  const Plan& plan = *state.plan;
  if (!may_wait(plan)) return {};
  SLIPSTREAM_ASSIGN(const WhatWaits waiting, read_waiting(state, view));
  if (plan.organisation.tree == TreeSource::events)
    answer.fact("waiting_nodes", count_cell(waiting.nodes.size()));
  if (plan.indicators.from == IndicatorSource::events)
    answer.fact("waiting_indicators", count_cell(waiting.indicators.size()));
  if (waiting.any()) answer.fact("waiting", text_cell(describe(waiting, plan.zone)));
  return {};
}

}  // namespace slipstream
