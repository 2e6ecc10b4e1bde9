// `slipstream backtest`: which alerts these definitions would have raised.
#include <fmt/format.h>

#include <algorithm>

#include "engine/app/answers/asked.h"
#include "engine/app/commands/command.h"
#include "engine/app/output/alert_table.h"
#include "engine/app/time_replay.h"

namespace slipstream {
namespace {

struct BacktestArguments {
  std::string from, to, rule;
  std::string language = "en";
};

struct Range {
  Timestamp from = Timestamp::min();
  Timestamp to;
};

// By default from the first event to just after the last.
Result<Range> range_of(const BacktestArguments& arguments, const std::vector<TimedRecord>& records,
                       const Zone& zone) {
  Range range;
  range.to = records.empty() ? Timestamp{} : records.back().effective_at + microseconds(1);
  if (!arguments.from.empty()) {
    SLIPSTREAM_ASSIGN(range.from, parse_begin(arguments.from, zone));
  }
  if (!arguments.to.empty()) {
    SLIPSTREAM_ASSIGN(range.to, parse_end(arguments.to, zone));
  }
  if (range.to <= range.from)
    return fail(ErrorCode::usage,
                fmt::format("there is nothing before {} that is not before {}",
                            format_timestamp(range.to, zone), format_timestamp(range.from, zone)));
  return range;
}

Result<ExitCode> backtest(Session& session, const BacktestArguments& arguments) {
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  SLIPSTREAM_TRY(require_rule(rule_names(*plan), arguments.rule));
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  ProgressLine line = session.progress();
  SLIPSTREAM_ASSIGN(const EventSource source, session.event_source(*deployment, *plan, line));
  SLIPSTREAM_ASSIGN(const std::vector<TimedRecord> records,
                    records_in_time(source, deployment->partitions()));
  SLIPSTREAM_ASSIGN(const Range range, range_of(arguments, records, plan->zone));
  SLIPSTREAM_ASSIGN(TimeReplay replay, TimeReplay::open(*plan, source.topics, source.decode));
  // From the beginning, whatever is asked for: an alert that fired earlier does not fire anew.
  SLIPSTREAM_TRY(replay.play(records, range.to,
                             [&](Timestamp at) { line.show("at " + format_timestamp(at, plan->zone)); }));
  line.end();
  SLIPSTREAM_ASSIGN(std::vector<AlertRecord> decisions, replay.decisions());
  std::erase_if(decisions, [&](const AlertRecord& record) {
    const bool other_rule = !arguments.rule.empty() && record.state.subject.rule != arguments.rule;
    return record.transition.at < range.from || record.transition.at > range.to || other_rule;
  });
  Answer answer = session.answer();
  answer.fact("definitions", text_cell(plan->version));
  answer.fact("events", count_cell(records.size()));
  if (range.from > Timestamp::min()) answer.fact("from", time_cell(range.from, plan->zone));
  answer.fact("to", time_cell(range.to, plan->zone));
  print_transitions(answer, decisions, arguments.language == "vi" ? Language::vietnamese : Language::english,
                    plan.get());
  return ExitCode::ok;
}

}  // namespace

void add_backtest_command(const CommandLine& line) {
  const auto arguments = std::make_shared<BacktestArguments>();
  const Command command =
      line.add("backtest", "Which alerts would these definitions have raised over the events in the log?",
               "  slipstream backtest --definitions new-rules.yaml\n"
               "  slipstream backtest --from 2025-01-01 --to 2025-06-30 --rule tasks_slipping --output csv",
               [&session = line.session, arguments] { return backtest(session, *arguments); });
  command.add_option("--from", &arguments->from,
                     "transitions from this date or time on; by default from the first event");
  command.add_option("--to", &arguments->to,
                     "up to this date, or before this time; by default the last event");
  command.add_option("--rule", &arguments->rule, "transitions of this rule only");
  command.add_option("--lang", &arguments->language, "language of the sentences: en or vi")
      .one_of({"en", "vi"});
}

}  // namespace slipstream
