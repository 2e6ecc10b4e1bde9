// `slipstream explain`: one figure taken apart to the events it rests on.
#include <fmt/format.h>

#include "engine/app/commands/asked.h"
#include "engine/app/commands/command.h"
#include "engine/judge/figure.h"
#include "engine/view/explain.h"

namespace slipstream {
namespace {

struct ExplainArguments {
  std::string subject, node;
  AskedWindows windows;
  std::string measure;
  std::size_t limit = 1000;
};

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
                  text_column("remark")},
                 Answer::Part::beside);
  for (const ExplainedContribution& contribution : explanation.contributions)
    for (const ExplainedEvent& event : contribution.events)
      answer.row({text_cell(contribution.entity), text_cell(name_of(event.type)), text_cell(event.id),
                  text_cell(event.position.topic), integer_cell(event.position.partition.value),
                  integer_cell(event.position.offset.value), time_cell(event.effective_at, plan.zone),
                  optional_text_cell(event.superseded ? "superseded" : "")});
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

Result<ExitCode> explain_figure(Session& session, const ExplainArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_ASSIGN(const AskedSubject subject, find_subject(*plan, arguments.subject));
  const ViewPlan& view = plan->views[subject.view];
  SLIPSTREAM_ASSIGN(const std::vector<std::size_t> shown, shown_measures(view, arguments.measure));
  ViewQuery asked;
  asked.view = subject.view;
  asked.node = arguments.node;
  std::optional<Window> window;
  SLIPSTREAM_TRY(narrow(*plan, arguments.windows, asked, window));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  session.remark_clock(clock, plan->zone);
  SLIPSTREAM_TRY(require_node(state, arguments.node));
  ExplainQuery query{subject.view, arguments.node, *window, arguments.limit};
  ProgressLine line = session.progress();
  SLIPSTREAM_ASSIGN(const EventSource source, session.event_source(*deployment, *plan, line));
  SLIPSTREAM_ASSIGN(const Explanation explanation, explain(state, source, query));
  line.end();

  Answer answer = session.answer();
  answer.fact(subject.kpi ? "kpi" : "view", text_cell(arguments.subject));
  answer.fact("node", text_cell(arguments.node));
  answer.fact("window", text_cell(view.windows.label(*window)));
  answer.fact("as_of", time_cell(clock, plan->zone));
  answer.fact("definitions", text_cell(plan->version));
  if (subject.kpi) SLIPSTREAM_TRY(print_kpi(answer, state, *subject.kpi, asked, *window));
  answer.fact("contributions_in_all", count_cell(explanation.contributed));
  print_contributions(answer, *plan, view, shown, explanation);
  print_events(answer, *plan, explanation);
  print_sums(answer, *plan, view, shown, explanation);
  answer.fact("equal", boolean_cell(explanation.is_equal));
  if (explanation.contributions.size() < explanation.contributed)
    session.say(fmt::format("{} of {} contributions are listed, all are summed; --limit shows more",
                            explanation.contributions.size(), explanation.contributed));
  return explanation.is_equal ? ExitCode::ok : ExitCode::problems_found;
}

}  // namespace

void add_explain_command(const CommandLine& line) {
  const auto arguments = std::make_shared<ExplainArguments>();
  const Command command = line.add(
      "explain", "Take one figure apart: what contributes to it, on which events, and that it adds up",
      "  slipstream explain delivery --node \"Sông Hàn\" --window 2025-06\n"
      "  slipstream explain on_time_rate --node \"Sở Y tế\" --window 2025-06 --output json\n\n"
      "Ends with 1 when the contributions do not add up to the stored figure.",
      [&session = line.session, arguments] { return explain_figure(session, *arguments); });
  command.add_option("VIEW|KPI", &arguments->subject, "a view or a KPI of the definitions").required();
  command.add_option("--node", &arguments->node, "the figure's node").required();
  command.add_option("--window", &arguments->windows.label, "the figure's window by its label: 2025-06")
      .required();
  command.add_option("--every", &arguments->windows.every, "the kind of window, where a label fits several");
  command.add_option("--measure", &arguments->measure, "this measure only");
  command.add_option("--limit", &arguments->limit, "contributions listed").shows_default().positive();
}

}  // namespace slipstream
