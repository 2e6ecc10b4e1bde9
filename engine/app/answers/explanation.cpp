#include "engine/app/answers/explanation.h"

#include <fmt/format.h>

#include "engine/judge/figure.h"

namespace slipstream {
namespace {

// Which measures are shown: all, or the one asked for.
Result<std::vector<std::size_t>> shown_measures(const ViewPlan& view, const std::string& only) {
  std::vector<std::size_t> shown;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < view.measures.size(); ++i) {
    names.push_back(view.measures[i].name);
    if (only.empty() || only == view.measures[i].name) shown.push_back(i);
  }
  if (shown.empty())
    return fail(ErrorCode::usage, fmt::format("view {} has no measure '{}'; it has {}", view.name, only,
                                              fmt::join(names, ", ")));
  return shown;
}

void print_contributions(Answer& answer, const Plan& plan, const ViewPlan& view,
                         const std::vector<std::size_t>& shown, const Explanation& explanation) {
  std::vector<AnswerColumn> columns{text_column("entity"), text_column("node"), text_column("at"),
                                    number_column("sign")};
  for (const std::size_t i : shown)
    columns.push_back(number_column(view.measures[i].name));
  answer.section("contributions", std::move(columns));
  for (const ExplainedContribution& contribution : explanation.contributions) {
    std::vector<Cell> cells{text_cell(contribution.entity), text_cell(contribution.node),
                            time_cell(contribution.at, plan.zone),
                            text_cell(contribution.sign > 0 ? "+" : "-")};
    for (const std::size_t i : shown)
      cells.push_back(optional_text_cell(contribution.adds[i]));
    answer.row(std::move(cells));
  }
}

void print_events(Answer& answer, const Plan& plan, const Explanation& explanation) {
  answer.section("events",
                 {text_column("entity"), text_column("type"), text_column("id"), text_column("topic"),
                  number_column("partition"), number_column("offset"), text_column("effective_at"),
                  text_column("remark"), text_column("title")},
                 Answer::Part::beside);
  for (const ExplainedContribution& contribution : explanation.contributions)
    for (const ExplainedEvent& event : contribution.events)
      answer.row({text_cell(contribution.entity), text_cell(name_of(event.type)), text_cell(event.id),
                  text_cell(event.position.topic), integer_cell(event.position.partition.value),
                  integer_cell(event.position.offset.value), time_cell(event.effective_at, plan.zone),
                  optional_text_cell(event.superseded ? "superseded" : ""), optional_text_cell(event.title)});
}

void print_sums(Answer& answer, const Plan& plan, const ViewPlan& view, const std::vector<std::size_t>& shown,
                const Explanation& explanation) {
  const std::vector<KpiValue> sum = measure_values(view, explanation.sum.bytes());
  const std::vector<KpiValue> stored = measure_values(view, explanation.stored.bytes());
  answer.section(
      "sums", {text_column("measure"), number_column("sum"), number_column("stored"), text_column("equal")},
      Answer::Part::beside);
  for (const std::size_t i : shown)
    answer.row({text_cell(view.measures[i].name), value_cell(sum[i], plan.zone),
                value_cell(stored[i], plan.zone), boolean_cell(sum[i] == stored[i])});
}

Result<> print_kpi(Answer& answer, const CommittedState& state, std::size_t index, ViewQuery query,
                   const Window& window) {
  const KpiPlan& kpi = state.plan->kpis[index];
  answer.fact("formula", text_cell(fmt::format("{} = {}", kpi.name, kpi.value.text())));
  return read_kpi(state, index, std::move(query), [&](KpiRow&& row) {
    if (row.row.window != window) return true;
    const Judgement& j = row.judgement;
    answer.fact("value", value_cell(row.value, state.plan->zone, kpi.precision));
    answer.fact("target", number_cell(j.target, kpi.precision));
    answer.fact("expected", number_cell(j.expected, kpi.precision));
    answer.fact("gap", number_cell(j.gap, kpi.precision));
    answer.fact("status", text_cell(name_of(j.status)));
    return false;
  });
}

}  // namespace

Result<AskedExplanation> ask_for_explanation(const Plan& plan, const ExplanationRequest& request) {
  AskedExplanation asked{request, {}, {}, {}, {}};
  SLIPSTREAM_ASSIGN(asked.subject, find_subject(plan, request.subject));
  SLIPSTREAM_ASSIGN(asked.measures, shown_measures(plan.views[asked.subject.view], request.measure));
  asked.query.view = asked.subject.view;
  asked.query.node = request.node;
  if (request.windows.label.empty())
    return fail(ErrorCode::usage, "an explanation is of one window: say which by its label, e.g. 2025-06");
  std::optional<Window> window;
  SLIPSTREAM_TRY(narrow(plan, request.windows, asked.query, window));
  asked.window = *window;
  return asked;
}

Result<> answer_explanation(Answer& answer, const CommittedState& state, const AskedExplanation& asked,
                            const Explanation& explanation) {
  const Plan& plan = *state.plan;
  const ViewPlan& view = plan.views[asked.subject.view];
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  answer.fact(asked.subject.kpi ? "kpi" : "view", text_cell(asked.request.subject));
  answer.fact("node", text_cell(asked.request.node));
  answer.fact("window", text_cell(view.windows.label(asked.window)));
  answer.fact("as_of", time_cell(clock, plan.zone));
  answer.fact("definitions", text_cell(plan.version));
  if (asked.subject.kpi)
    SLIPSTREAM_TRY(print_kpi(answer, state, *asked.subject.kpi, asked.query, asked.window));
  answer.fact("contributions_in_all", count_cell(explanation.contributed));
  print_contributions(answer, plan, view, asked.measures, explanation);
  print_events(answer, plan, explanation);
  print_sums(answer, plan, view, asked.measures, explanation);
  answer.fact("equal", boolean_cell(explanation.is_equal));
  return {};
}

}  // namespace slipstream
