// `slipstream run`: the engine on this machine.
#include <fmt/format.h>

#include "engine/app/commands/command.h"
#include "engine/app/instance.h"
#include "engine/app/output/waiting_facts.h"
#include "engine/app/service/serving.h"
#include "engine/app/stop_signal.h"

namespace slipstream {
namespace {

std::string progress_text(const InstanceStatus& status) {
  const Counters& n = status.counters;
  return fmt::format(
      "clock {} | shards {} | received {} | folded {} | duplicates {} | dead letters {} | alerts {} | "
      "backlog {} | "
      "commits {}",
      is_representable(status.clock) ? format_timestamp(status.clock) : "not set", status.shards, n.received,
      n.folded, n.duplicates, n.dead_lettered, n.transitions,
      status.backlog ? std::to_string(*status.backlog) : "unknown", status.commits);
}

Result<> print_summary(Session& session, const Instance& instance, const Plan& plan) {
  if (session.options.quiet && session.options.output == OutputFormat::table) return {};
  Answer answer = session.answer();
  const InstanceStatus status = instance.status();
  const Counters& n = status.counters;
  answer.fact("definitions", text_cell(plan.version));
  answer.fact("clock", time_cell(status.clock, plan.zone));
  if (const auto committed = instance.committed())
    SLIPSTREAM_TRY(print_waiting(answer, *committed, std::nullopt));
  answer.section("counters",
                 {number_column("received"), number_column("folded"), number_column("duplicates"),
                  number_column("dead_lettered"), number_column("forwarded"), number_column("late"),
                  number_column("timers_fired"), number_column("transitions"),
                  number_column("numeric_errors"), number_column("backlog"), number_column("commits")});
  answer.row({count_cell(n.received), count_cell(n.folded), count_cell(n.duplicates),
              count_cell(n.dead_lettered), count_cell(n.forwarded), count_cell(n.late),
              count_cell(n.timers_fired), count_cell(n.transitions), count_cell(n.numeric_errors),
              status.backlog ? count_cell(*status.backlog) : Cell(), count_cell(status.commits)});
  return {};
}

Result<ExitCode> run(Session& session, bool until_idle) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  std::atomic<Instance*> running{nullptr};
  std::atomic<bool> asked{false};
  // Before the log and the stores open their threads: those inherit the blocked signals.
  const StopSignal signals([&] {
    asked.store(true);
    if (Instance* instance = running.load()) instance->stop();
  });
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::write));
  ProgressLine line = session.progress();
  Instance::Options options;
  options.until_idle = until_idle;
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Serving> serving, Serving::begin(*settings, *deployment, plan));
  if (!serving->url().empty()) session.say(fmt::format("HTTP on {}", serving->url()));
  options.shelf = serving->shelf();
  options.progress = [&line, &serving](const InstanceStatus& status) {
    line.show(progress_text(status));
    serving->show(status);
  };
  options.remark = [&session](const std::string& text) { session.say(text); };
  Instance instance(*settings, *deployment, plan, std::move(options));
  running.store(&instance);
  if (asked.load()) instance.stop();
  const Result<> worked = instance.run();
  running.store(nullptr);
  serving->end();
  line.end();
  if (!worked) return tl::unexpected(with_advice(worked.error()));
  session.remark_clock(instance.status().clock, plan->zone);
  SLIPSTREAM_TRY(print_summary(session, instance, *plan));
  return ExitCode::ok;
}

}  // namespace

void add_run_command(const CommandLine& line) {
  const auto until_idle = std::make_shared<bool>(false);
  line.add("run", "Run the engine: fold events, keep the views, judge targets, raise alerts",
           "  slipstream run --definitions city.yaml\n"
           "  slipstream run --definitions city.yaml --until-idle      # catch up once, then end\n"
           "  slipstream run --definitions city.yaml --set clock=events --until-idle\n\n"
           "SIGINT (Ctrl-C) and SIGTERM stop it cleanly.",
           [&session = line.session, until_idle] { return run(session, *until_idle); })
      .add_flag("--until-idle", *until_idle, "end by itself once everything in the log is folded and judged");
}

}  // namespace slipstream
