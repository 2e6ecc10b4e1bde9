// `slipstream query`: rows of a view, or a KPI held against its targets.
#include "engine/app/answers/figures.h"
#include "engine/app/commands/command.h"

namespace slipstream {
namespace {

Result<ExitCode> query(Session& session, const FiguresRequest& request) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_ASSIGN(const AskedFigures asked, ask_for_figures(*plan, request));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::state));
  if (!deployment->has_log())
    session.say("the brokers do not answer: figures are those that this machine has committed last");
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  session.remark_clock(clock, plan->zone);
  if (asked.query.node) SLIPSTREAM_TRY(require_node(state, *asked.query.node));
  Answer answer = session.answer();
  SLIPSTREAM_TRY(answer_figures(answer, state, asked));
  return ExitCode::ok;
}

}  // namespace

void add_query_command(const CommandLine& line) {
  const auto arguments = std::make_shared<FiguresRequest>();
  const Command command =
      line.add("query", "Read the rows of a view, or a KPI against its targets, as last committed",
               "  slipstream query delivery --definitions city.yaml\n"
               "  slipstream query on_time_rate --node \"Sở Y tế\" --subtree --window 2025-06\n"
               "  slipstream query on_time_rate --every month --from 2025-01-01 --to 2025-06-30 --output csv",
               [&session = line.session, arguments] { return query(session, *arguments); });
  command.add_option("VIEW|KPI", &arguments->subject, "a view or a KPI of the definitions").required();
  command.add_option("--node", &arguments->node, "one node; by default every node");
  command.add_flag("--subtree", arguments->subtree, "with --node: all nodes below it too").needs("--node");
  command.add_option("--sort", &arguments->sort, "by this column rather than by node; -COLUMN: descending");
  command.add_option("--cursor", &arguments->cursor, "go on here: the 'next' of an answer with --limit");
  command.add_option("--limit", &arguments->rows_max, "rows at most").positive();
  const Option window =
      command.add_option("--window", &arguments->windows.label, "one window by its label: 2025-06");
  command.add_option("--every", &arguments->windows.every, "windows of one kind only: month");
  command.add_option("--from", &arguments->windows.from, "windows that reach beyond this date or time")
      .excludes(window);
  command.add_option("--to", &arguments->windows.to, "windows that begin by this date, or before this time")
      .excludes(window);
}

}  // namespace slipstream
