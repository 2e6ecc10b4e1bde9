// `slipstream demo`: a made-up city lives through its year, many days in a second, in the engine with its HTTP
// service. What it keeps goes on where it was when it is started again.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "engine/app/commands/command.h"
#include "engine/app/decisions.h"
#include "engine/app/demo/city_files.h"
#include "engine/app/demo/city_time.h"
#include "engine/app/demo/demo_directory.h"
#include "engine/app/service/serving.h"
#include "engine/app/stop_signal.h"
#include "engine/judge/alert_text.h"

namespace slipstream {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr std::int32_t kMonthsAtOnce = 3;
constexpr std::uint16_t kPort = 8080;
constexpr double kSpeedMin = 0.001, kSpeedMax = 1000;  // days a second
// Each step of time takes some commits; they need not outlive a power cut.
constexpr Duration kCommitInterval = milliseconds(20);

struct DemoArguments {
  bool anew = false;
  std::string speed = "2";
  std::string size = "city";
  std::string language = "en";
};

Result<double> days_per_second(const std::string& text) {
  const auto speed = Decimal::parse(text);
  const double days = speed ? speed->to_double() : 0;
  if (days < kSpeedMin || days > kSpeedMax)
    return fail(ErrorCode::usage, fmt::format("--speed: '{}' is no number of days a second from {} to {}",
                                              text, kSpeedMin, kSpeedMax));
  return days;
}

// What was not configured is as suits the demo.
Result<Configuration> settings_of(Session& session, const std::filesystem::path& directory) {
  SLIPSTREAM_ASSIGN(const LoadedConfiguration* loaded, session.loaded());
  Configuration settings = loaded->configuration;
  const auto is_default = [&](const char* key) { return loaded->values.at(key).origin == "default"; };
  settings.data = directory;
  settings.definitions = directory / "city.yaml";
  settings.log = LogChoice::embedded;
  settings.topic_prefix.clear();
  settings.clock = ClockMode::events;  // of the events' time, not of the machine's
  if (is_default("partitions")) settings.partitions = 2;
  if (is_default("commit_interval")) settings.commit_interval = kCommitInterval;
  if (settings.http.address.empty()) {
    settings.http = {"127.0.0.1", kPort};
  }
  return settings;
}

class Demo {
 public:
  Demo(Session& session, const DemoArguments& arguments, double speed)
      : session_(session),
        arguments_(arguments),
        speed_(speed),
        signals_([this] { stopping_.store(true); }),
        city_(kSeed, arguments.size == "city" ? CitySize::city : CitySize::small) {}

  Result<ExitCode> run();

 private:
  Result<> open();
  Result<> serve();
  Result<> live();
  ExitCode farewell() const;
  Result<> show(Timestamp now);
  void print_transition(const AlertTransition& transition);
  void wait_for_stop();
  bool stops() const { return stopping_.load() || ended_.load(); }
  std::string quoted_options() const;

  Session& session_;
  const DemoArguments& arguments_;
  const double speed_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ended_{false};  // the instance has, by an error
  const StopSignal signals_;        // before any other thread
  City city_;
  Configuration settings_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<CityFeed> feed_;
  std::unique_ptr<Serving> serving_;
  std::unique_ptr<DecisionReader> decisions_;
  std::optional<ProgressLine> line_;
};

Result<> Demo::open() {
  SLIPSTREAM_ASSIGN(const std::filesystem::path directory, demo_directory(session_.options.data));
  SLIPSTREAM_ASSIGN(settings_, settings_of(session_, directory));
  if (arguments_.anew) SLIPSTREAM_TRY(clear_demo(directory));
  auto deployment = Deployment::open(settings_, Deployment::Access::write_unsynced);
  if (!deployment) return tl::unexpected(with_advice(deployment.error()));
  deployment_ = std::move(*deployment);
  SLIPSTREAM_ASSIGN(feed_, CityFeed::open(city_, *deployment_));
  // Definitions that somebody has changed to see what comes of it are the demo's from then on.
  if (!std::filesystem::exists(settings_.definitions))
    SLIPSTREAM_TRY(write_city_definitions(settings_.definitions, city_));
  Diagnostics diagnostics;
  plan_ = load_plan(settings_, diagnostics);
  if (plan_) return {};
  session_.print(diagnostics);
  return tl::unexpected(summary_of(diagnostics, "the demo's definitions cannot be used"));
}

// A port that nobody has asked for may be another one.
Result<> Demo::serve() {
  SLIPSTREAM_ASSIGN(const LoadedConfiguration* loaded, session_.loaded());
  const bool may_choose_port = loaded->configuration.http.address.empty();
  auto serving = Serving::begin(settings_, *deployment_, plan_, Role::worker);
  if (!serving && may_choose_port && serving.error().code == ErrorCode::io) {
    session_.say(fmt::format("port {} is taken; another one is used", settings_.http.port));
    settings_.http.port = 0;
    serving = Serving::begin(settings_, *deployment_, plan_, Role::worker);
  }
  if (!serving) return tl::unexpected(serving.error());
  serving_ = std::move(*serving);
  return {};
}

Result<ExitCode> Demo::run() {
  SLIPSTREAM_TRY(open());
  const CivilDate first = city_.zone().date_of(city_.begins());
  const Timestamp at_once = city_.zone().start_of_day(add_months(first, kMonthsAtOnce));
  if (feed_->fed_until() < at_once) {
    session_.say(fmt::format("the city's first {} months are put into the log", kMonthsAtOnce));
    SLIPSTREAM_TRY(feed_->feed(at_once, [this] { return stopping_.load(); }));
  }
  if (stopping_.load()) return farewell();
  SLIPSTREAM_TRY(serve());
  decisions_ =
      std::make_unique<DecisionReader>(deployment_->log(), deployment_->topics(), deployment_->partitions());
  SLIPSTREAM_TRY(decisions_->skip());
  fmt::print("{} is at {}\n", city_.organisation().root, serving_->url());
  std::fflush(stdout);
  line_.emplace(session_.options.quiet, session_.options.messages);
  SLIPSTREAM_TRY(live());
  return farewell();
}

ExitCode Demo::farewell() const {
  fmt::print(
      "stopped at {}, and kept in {}: the same command, without --new, goes on from there\n"
      "look around with:\n  slipstream alerts list --active {}\n  slipstream query on_time_rate --node "
      "'{}' {}\n",
      format_timestamp(feed_->fed_until(), city_.zone()), settings_.data.string(), quoted_options(),
      city_.organisation().root, quoted_options());
  return ExitCode::ok;
}

// The instance on a thread of its own, the city's time on this one.
Result<> Demo::live() {
  CityTime time(*feed_, serving_->shelf(),
                {speed_, [this] { return stopping_.load(); }, [this] { return ended_.load(); },
                 [this](Timestamp now) { return show(now); }});
  Instance::Options options;
  options.shelf = &serving_->shelf();
  options.clock = [&time] { return time.now(); };
  options.progress = [this](const InstanceStatus& status) { serving_->show(status); };
  options.remark = [this](Severity severity, const std::string& text) { session_.say(text, severity); };
  Instance instance(settings_, *deployment_, plan_, std::move(options));
  Result<> worked;
  std::thread running([&] {
    worked = instance.run();
    ended_.store(true);
  });
  const Result<> lived = time.run(city_, instance);
  if (lived && !stops()) wait_for_stop();
  instance.stop();
  running.join();
  serving_->end();
  line_->end();
  SLIPSTREAM_TRY(worked);
  return lived;
}

void Demo::wait_for_stop() {
  line_->end();
  fmt::print(
      "the city's year is over: it stands still, and Ctrl-C ends it; `slipstream demo --new` begins anew\n");
  std::fflush(stdout);
  while (!stops())
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

Result<> Demo::show(Timestamp now) {
  SLIPSTREAM_ASSIGN(const std::vector<AlertRecord> decided, decisions_->take());
  for (const AlertRecord& record : decided)
    print_transition(record.transition);
  std::fflush(stdout);
  line_->show(fmt::format("{}  {} events", format_timestamp(now, city_.zone()), feed_->events()));
  return {};
}

// Those that somebody is told of.
void Demo::print_transition(const AlertTransition& transition) {
  const bool fires = transition.to == AlertPhase::firing && transition.from != AlertPhase::recovering;
  if (transition.kind != TransitionKind::phase || (!fires && transition.to != AlertPhase::resolved)) return;
  line_->erase();
  fmt::print("{}  {:<8}  {:<8}  {}\n", format_date(city_.zone().date_of(transition.at)),
             fires ? "fired" : "resolved", transition.severity,
             arguments_.language == "vi" ? transition.sentence_vi : transition.sentence_en);
}

std::string Demo::quoted_options() const {
  return fmt::format("--data '{}' --definitions '{}'", settings_.data.string(),
                     settings_.definitions.string());
}

}  // namespace

void add_demo_command(const CommandLine& line) {
  const auto arguments = std::make_shared<DemoArguments>();
  const Command command =
      line.add("demo", "A made-up city lives through its year in the engine, many days in a second",
               "  slipstream demo                  # a browser sees it at the address that is printed\n"
               "  slipstream demo --speed 0.1      # a day in ten seconds\n"
               "  slipstream demo --data demo-city --new --lang vi\n\n"
               "Ctrl-C ends it; started again it goes on where it was. Without --data it is kept in\n"
               "$XDG_STATE_HOME/slipstream/demo, by default ~/.local/state/slipstream/demo.",
               [&session = line.session, arguments]() -> Result<ExitCode> {
                 SLIPSTREAM_ASSIGN(const double speed, days_per_second(arguments->speed));
                 return Demo(session, *arguments, speed).run();
               });
  command.add_flag("--new", arguments->anew, "begin anew: delete what an earlier demo has kept");
  command.add_option("--speed", &arguments->speed, "days a second").shows_default();
  command.add_option("--size", &arguments->size, "small or city, as `generate` makes them")
      .shows_default()
      .one_of({"small", "city"});
  command.add_option("--lang", &arguments->language, "language of the alerts' sentences: en or vi")
      .shows_default()
      .one_of({"en", "vi"});
}

}  // namespace slipstream
