// `slipstream check`: the operator's proof that the views are what the log says.
#include <fmt/format.h>

#include <utility>

#include "engine/app/answers/asked.h"
#include "engine/app/commands/command.h"
#include "engine/judge/figure.h"
#include "engine/view/recompute.h"

namespace slipstream {
namespace {

std::string figures_text(const Plan& plan, const ViewPlan& view, const std::optional<AccumulatorRow>& row) {
  if (!row) return "(no row)";
  const std::vector<KpiValue> values = measure_values(view, row->bytes());
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i)
    text +=
        fmt::format("{}{}={}", i == 0 ? "" : " ", view.measures[i].name, format_value(values[i], plan.zone));
  return text;
}

Result<ExitCode> check(Session& session, const std::string& name) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  std::optional<std::size_t> view;
  if (!name.empty()) {
    SLIPSTREAM_ASSIGN(const AskedSubject subject, find_subject(*plan, name));
    view = subject.view;
  }
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  session.say("computing every figure again from the log ...");
  ProgressLine line = session.progress();
  SLIPSTREAM_ASSIGN(const EventSource source, session.event_source(*deployment, *plan, line));
  Answer answer = session.answer();
  // Begun when there is something to say: nothing is known while the shards are at different points.
  auto begin_differences = [&answer, begun = false]() mutable {
    if (!std::exchange(begun, true))
      answer.section("differences", {text_column("view"), text_column("node"), text_column("slice"),
                                     text_column("stored"), text_column("recomputed")});
  };
  SLIPSTREAM_ASSIGN(const CheckReport report, check_views(state, source, view, [&](const Difference& d) {
                      const ViewPlan& of = plan->views[d.view];
                      begin_differences();
                      answer.row({text_cell(of.name), text_cell(d.node), time_cell(d.slice, plan->zone),
                                  text_cell(figures_text(*plan, of, d.stored)),
                                  text_cell(figures_text(*plan, of, d.recomputed))});
                    }));
  line.end();
  if (!report.settled) {
    session.say("the shards are at different points: `slipstream run --until-idle`, then check again");
    return ExitCode::try_again;
  }
  if (answer.format() != OutputFormat::table) begin_differences();
  answer.fact("events", count_cell(report.events));
  answer.fact("rows", count_cell(report.rows));
  answer.fact("different", count_cell(report.differences));
  return report.differences == 0 ? ExitCode::ok : ExitCode::problems_found;
}

}  // namespace

void add_check_command(const CommandLine& line) {
  const auto view = std::make_shared<std::string>();
  line.add("check",
           "Compute the views again from the log by brute force and compare them with what is stored",
           "  slipstream check --definitions city.yaml\n  slipstream check delivery\n\n"
           "Ends with 1 on any difference.",
           [&session = line.session, view] { return check(session, *view); })
      .add_option("VIEW", view.get(), "one view; by default all");
}

}  // namespace slipstream
