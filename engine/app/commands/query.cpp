// `slipstream query`: rows of a view, or a KPI held against its targets.
#include <fmt/format.h>

#include "engine/app/commands/asked.h"
#include "engine/app/commands/command.h"
#include "engine/app/output/waiting_facts.h"

namespace slipstream {
namespace {

struct QueryArguments {
  std::string subject;
  std::string node;
  bool subtree = false;
  AskedWindows windows;
};

constexpr int kAttainmentDigits = 6;

std::vector<AnswerColumn> view_columns(const ViewPlan& view) {
  std::vector<AnswerColumn> columns{text_column("node"), text_column("every"), text_column("window")};
  for (const MeasurePlan& measure : view.measures) {
    const Type type = measure.expression.type;
    const bool number = type == Type::integer || type == Type::decimal || type == Type::interval;
    columns.push_back(number ? number_column(measure.name) : text_column(measure.name));
  }
  return columns;
}

std::vector<Cell> view_cells(const Plan& plan, const ViewPlan& view, const ViewRow& row) {
  std::vector<Cell> cells{text_cell(row.node), text_cell(view.windows.specs()[row.window.spec].name()),
                          text_cell(row.label)};
  for (const KpiValue& measure : row.measures)
    cells.push_back(value_cell(measure, plan.zone));
  return cells;
}

std::vector<AnswerColumn> kpi_columns() {
  return {text_column("node"),      text_column("every"),   text_column("window"),
          text_column("status"),    number_column("value"), number_column("expected"),
          number_column("target"),  number_column("gap"),   number_column("attainment"),
          number_column("forecast")};
}

std::vector<Cell> kpi_cells(const Plan& plan, const KpiPlan& kpi, const KpiRow& row) {
  const ViewPlan& view = plan.views[kpi.view];
  const Judgement& j = row.judgement;
  return {text_cell(row.row.node),
          text_cell(view.windows.specs()[row.row.window.spec].name()),
          text_cell(row.row.label),
          text_cell(name_of(j.status)),
          value_cell(row.value, plan.zone, kpi.precision),
          number_cell(j.expected, kpi.precision),
          number_cell(j.target, kpi.precision),
          number_cell(j.gap, kpi.precision),
          number_cell(j.attainment, kAttainmentDigits),
          number_cell(j.forecast, kpi.precision)};
}

Result<ExitCode> query(Session& session, const QueryArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_ASSIGN(const AskedSubject subject, find_subject(*plan, arguments.subject));
  ViewQuery asked;
  asked.view = subject.view;
  asked.subtree = arguments.subtree;
  if (!arguments.node.empty()) asked.node = arguments.node;
  std::optional<Window> exactly;
  SLIPSTREAM_TRY(narrow(*plan, arguments.windows, asked, exactly));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::state));
  if (!deployment->has_log())
    session.say("the brokers do not answer: figures are those that this machine has committed last");
  SLIPSTREAM_ASSIGN(const CommittedState state, deployment->committed_state(plan));
  SLIPSTREAM_ASSIGN(const Timestamp clock, read_clock(state));
  session.remark_clock(clock, plan->zone);
  if (asked.node) SLIPSTREAM_TRY(require_node(state, *asked.node));

  Answer answer = session.answer();
  answer.fact(subject.kpi ? "kpi" : "view",
              text_cell(subject.kpi ? plan->kpis[*subject.kpi].name : plan->views[subject.view].name));
  if (subject.kpi) answer.fact("unit", optional_text_cell(plan->kpis[*subject.kpi].unit));
  answer.fact("as_of", time_cell(clock, plan->zone));
  answer.fact("definitions", text_cell(plan->version));
  SLIPSTREAM_TRY(print_waiting(answer, state, subject.view));
  SLIPSTREAM_ASSIGN(const std::vector<CommitNote> notes, read_notes(state));
  std::uint64_t numeric_errors = 0;
  for (const CommitNote& note : notes)
    numeric_errors += note.counters.numeric_errors;
  if (numeric_errors > 0) answer.fact("numeric_errors", count_cell(numeric_errors));
  if (!subject.kpi) {
    const ViewPlan& view = plan->views[subject.view];
    answer.section("rows", view_columns(view));
    SLIPSTREAM_TRY(read_view(state, asked, [&](ViewRow&& row) {
      if (!exactly || row.window == *exactly) answer.row(view_cells(*plan, view, row));
      return true;
    }));
  } else {
    const KpiPlan& kpi = plan->kpis[*subject.kpi];
    answer.section("rows", kpi_columns());
    SLIPSTREAM_TRY(read_kpi(state, *subject.kpi, asked, [&](KpiRow&& row) {
      if (!exactly || row.row.window == *exactly) answer.row(kpi_cells(*plan, kpi, row));
      return true;
    }));
  }
  return ExitCode::ok;
}

}  // namespace

void add_query_command(const CommandLine& line) {
  const auto arguments = std::make_shared<QueryArguments>();
  const Command command =
      line.add("query", "Read the rows of a view, or a KPI against its targets, as last committed",
               "  slipstream query delivery --definitions city.yaml\n"
               "  slipstream query on_time_rate --node \"Sở Y tế\" --subtree --window 2025-06\n"
               "  slipstream query on_time_rate --every month --from 2025-01-01 --to 2025-06-30 --output csv",
               [&session = line.session, arguments] { return query(session, *arguments); });
  command.add_option("VIEW|KPI", &arguments->subject, "a view or a KPI of the definitions").required();
  command.add_option("--node", &arguments->node, "one node; by default every node");
  command.add_flag("--subtree", arguments->subtree, "with --node: all nodes below it too").needs("--node");
  const Option window =
      command.add_option("--window", &arguments->windows.label, "one window by its label: 2025-06");
  command.add_option("--every", &arguments->windows.every, "windows of one kind only: month");
  command.add_option("--from", &arguments->windows.from, "windows that reach beyond this date or time")
      .excludes(window);
  command.add_option("--to", &arguments->windows.to, "windows that begin by this date, or before this time")
      .excludes(window);
}

}  // namespace slipstream
