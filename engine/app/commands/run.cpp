// `slipstream run`: the engine on this machine.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

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

struct RunArguments {
  bool until_idle = false;
  std::string role = "worker";
};

// Null: none is configured.
Result<std::unique_ptr<Serving>> begin_serving(Session& session, const Configuration& settings,
                                               Deployment& deployment,
                                               const std::shared_ptr<const Plan>& plan, Role role) {
  if (settings.http.address.empty()) return nullptr;
  SLIPSTREAM_ASSIGN(auto serving, Serving::begin(settings, deployment, plan, role));
  session.say(fmt::format("HTTP on {}", serving->url()));
  return serving;
}

Result<> check_role(const Configuration& settings, const RunArguments& arguments) {
  if (arguments.role == "worker") return {};
  if (settings.log != LogChoice::kafka)
    return fail(
        ErrorCode::usage,
        "a reader answers for instances that share a deployment on Kafka; the embedded log has one, which "
        "answers itself (set http)");
  if (settings.http.address.empty())
    return fail(ErrorCode::usage,
                "a reader without an HTTP service has nothing to do; say where it listens: http");
  if (arguments.until_idle)
    return fail(ErrorCode::usage, "a reader folds nothing, so --until-idle is not for it");
  return {};
}

// Somebody may ask the instance to stop before there is one: while the deployment opens, which may wait for brokers.
class StopRequest {
 public:
  // Any thread.
  void ask() {
    is_asked_.store(true);
    if (is_opening_.load()) patience_->end_within({});
  }
  bool is_asked() const { return is_asked_.load(); }

  // Null: it was asked for meanwhile, and nothing is to be ended.
  Result<std::unique_ptr<Deployment>> open(Session& session) {
    auto deployment = session.open(Deployment::Access::write, patience_);
    is_opening_.store(false);
    if (is_asked()) return nullptr;
    return deployment;
  }

 private:
  const std::shared_ptr<Patience> patience_ = Deployment::patience_for(Deployment::Access::write);
  std::atomic<bool> is_asked_{false}, is_opening_{true};
};

constexpr std::chrono::milliseconds kLookEvery(100);
constexpr Duration kStopWaiting = seconds(5);

// Answers for the shards of others until it is asked to stop.
Result<ExitCode> read_on(Session& session) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  StopRequest stop;
  const StopSignal signals([&] { stop.ask(); });
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, stop.open(session));
  if (!deployment) return ExitCode::ok;
  SLIPSTREAM_ASSIGN(const auto serving, begin_serving(session, *settings, *deployment, plan, Role::reader));
  while (!stop.is_asked())
    std::this_thread::sleep_for(kLookEvery);
  deployment->stop_waiting_within(kStopWaiting);
  serving->end();
  return ExitCode::ok;
}

Result<ExitCode> work(Session& session, bool until_idle) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  std::atomic<Instance*> running{nullptr};
  StopRequest stop;
  // Before the log and the stores open their threads: those inherit the blocked signals.
  const StopSignal signals([&] {
    stop.ask();
    if (Instance* instance = running.load()) instance->stop();
  });
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, stop.open(session));
  if (!deployment) return ExitCode::ok;
  ProgressLine line = session.progress();
  Instance::Options options;
  options.until_idle = until_idle;
  SLIPSTREAM_ASSIGN(const auto serving, begin_serving(session, *settings, *deployment, plan, Role::worker));
  if (serving) options.shelf = &serving->shelf();
  options.progress = [&line, &serving](const InstanceStatus& status) {
    line.show(progress_text(status));
    if (serving) serving->show(status);
  };
  options.remark = [&session](Severity severity, const std::string& text) { session.say(text, severity); };
  Instance instance(*settings, *deployment, plan, std::move(options));
  running.store(&instance);
  if (stop.is_asked()) instance.stop();
  const Result<> worked = instance.run();
  running.store(nullptr);
  if (serving) serving->end();
  line.end();
  if (!worked) return tl::unexpected(with_advice(worked.error()));
  session.remark_clock(instance.status().clock, plan->zone);
  SLIPSTREAM_TRY(print_summary(session, instance, *plan));
  return ExitCode::ok;
}

Result<ExitCode> run(Session& session, const RunArguments& arguments) {
  SLIPSTREAM_ASSIGN(const Configuration* settings, session.configuration());
  SLIPSTREAM_TRY(check_role(*settings, arguments));
  return arguments.role == "reader" ? read_on(session) : work(session, arguments.until_idle);
}

}  // namespace

void add_run_command(const CommandLine& line) {
  const auto arguments = std::make_shared<RunArguments>();
  const Command command = line.add(
      "run", "Run the engine: fold events, keep the views, judge targets, raise alerts",
      "  slipstream run --definitions city.yaml\n"
      "  slipstream run --definitions city.yaml --until-idle      # catch up once, then end\n"
      "  slipstream run --definitions city.yaml --set clock=events --until-idle\n"
      "  slipstream run --config kafka.yaml --role reader         # folds nothing, answers over HTTP\n\n"
      "SIGINT (Ctrl-C) and SIGTERM stop it cleanly.",
      [&session = line.session, arguments] { return run(session, *arguments); });
  command.add_flag("--until-idle", arguments->until_idle,
                   "end by itself once everything in the log is folded and judged");
  command
      .add_option("--role", &arguments->role,
                  "worker: runs shards; reader: runs none, and answers from those of the others")
      .shows_default()
      .one_of({"worker", "reader"});
}

}  // namespace slipstream
