// `slipstream query`: rows of a view, or a KPI held against its targets.
#include <fmt/format.h>

#include "engine/app/answers/figures.h"
#include "engine/app/commands/command.h"
#include "engine/app/past_state.h"

namespace slipstream {
namespace {

struct QueryArguments {
  FiguresRequest figures;
  std::string as_of;
};

Result<ExitCode> answer(Session& session, const CommittedState& state, const AskedFigures& asked) {
  if (asked.query.node) SLIPSTREAM_TRY(require_node(state, *asked.query.node));
  Answer answer = session.answer();
  SLIPSTREAM_TRY(answer_figures(answer, state, asked));
  return ExitCode::ok;
}

// As of an earlier instant, from the log.
Result<ExitCode> query_past(Session& session, const std::shared_ptr<const Plan>& plan,
                            const AskedFigures& asked, const std::string& as_of) {
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const CommittedState newest, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(newest));
  SLIPSTREAM_ASSIGN(const Timestamp at, parse_as_of(as_of, plan->zone, clock));
  ProgressLine line = session.progress();
  SLIPSTREAM_ASSIGN(const EventSource source, session.event_source(*deployment, *plan, line));
  SLIPSTREAM_ASSIGN(const PastState past, fold_until(plan, source, deployment->partitions(), at));
  line.end();
  return answer(session, past.state, asked);
}

Result<ExitCode> query(Session& session, const QueryArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_ASSIGN(const AskedFigures asked, ask_for_figures(*plan, arguments.figures));
  if (!arguments.as_of.empty()) return query_past(session, plan, asked, arguments.as_of);
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::state));
  if (!deployment->has_log())
    session.say("the brokers do not answer: figures are those that this machine has committed last");
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  session.remark_clock(clock, plan->zone);
  return answer(session, state, asked);
}

}  // namespace

void add_query_command(const CommandLine& line) {
  const auto arguments = std::make_shared<QueryArguments>();
  FiguresRequest& figures = arguments->figures;
  const Command command = line.add(
      "query", "Read the rows of a view, or a KPI against its targets",
      "  slipstream query delivery --definitions city.yaml\n"
      "  slipstream query on_time_rate --node \"Sở Y tế\" --subtree --window 2025-06\n"
      "  slipstream query on_time_rate --every month --from 2025-01-01 --to 2025-06-30 --output csv\n"
      "  slipstream query on_time_rate --window 2025-06 --as-of 2025-06-20",
      [&session = line.session, arguments] { return query(session, *arguments); });
  command.add_option("VIEW|KPI", &figures.subject, "a view or a KPI of the definitions").required();
  command.add_option("--node", &figures.node, "one node; by default every node");
  command.add_flag("--subtree", figures.subtree, "with --node: all nodes below it too").needs("--node");
  command.add_option("--sort", &figures.sort, "by this column rather than by node; -COLUMN: descending");
  command.add_option("--cursor", &figures.cursor, "go on here: the 'next' of an answer with --limit");
  command.add_option("--limit", &figures.rows_max, "rows at most").positive();
  const Option window =
      command.add_option("--window", &figures.windows.label, "one window by its label: 2025-06");
  command.add_option("--every", &figures.windows.every, "windows of one kind only: month");
  command.add_option("--from", &figures.windows.from, "windows that reach beyond this date or time")
      .excludes(window);
  command.add_option("--to", &figures.windows.to, "windows that begin by this date, or before this time")
      .excludes(window);
  command.add_option("--as-of", &arguments->as_of,
                     "as they stood at this time, or at the end of this date: computed again from the log");
}

}  // namespace slipstream
