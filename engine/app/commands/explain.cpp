// `slipstream explain`: one figure taken apart to the events it rests on.
#include <fmt/format.h>

#include "engine/app/answers/explanation.h"
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

Result<ExitCode> explain_figure(Session& session, const ExplanationRequest& request) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_ASSIGN(const AskedExplanation asked, ask_for_explanation(*plan, request));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  session.remark_clock(clock, plan->zone);
  SLIPSTREAM_TRY(require_node(state, request.node));
  ProgressLine line = session.progress();
  SLIPSTREAM_ASSIGN(const EventSource source, session.event_source(*deployment, *plan, line));
  SLIPSTREAM_ASSIGN(const Explanation explanation,
                    explain(state, source, {asked.subject.view, request.node, asked.window, request.limit}));
  line.end();
  Answer answer = session.answer();
  SLIPSTREAM_TRY(answer_explanation(answer, state, asked, explanation));
  if (explanation.contributions.size() < explanation.contributed)
    session.say(fmt::format("{} of {} contributions are listed, all are summed; --limit shows more",
                            explanation.contributions.size(), explanation.contributed));
  return explanation.is_equal ? ExitCode::ok : ExitCode::problems_found;
}

}  // namespace

void add_explain_command(const CommandLine& line) {
  const auto arguments = std::make_shared<ExplanationRequest>();
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
