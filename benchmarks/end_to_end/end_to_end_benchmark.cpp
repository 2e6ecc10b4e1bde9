// Events per CPU-second of the whole engine, from the embedded log to committed views: benchmarks/README.md.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <functional>

#include "benchmarks/end_to_end/deployment_directory.h"
#include "benchmarks/end_to_end/engine_run.h"
#include "benchmarks/end_to_end/verify.h"

namespace slipstream::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> workloads;
  std::uint64_t events = 0;  // 0: the workload's own number; also below
  std::uint64_t keys = 0;
  int depth = ObservationShape().depth;
  int views = ObservationShape().views;
  int rules = ObservationShape().rules;
  std::int32_t partitions = 1;
  std::string memory = "1 GiB";
  std::string commit_interval = "1 s";
  int repeat = 1;
  fs::path directory = fs::temp_directory_path() / "slipstream-benchmark";
  fs::path engine = SLIPSTREAM_EXECUTABLE;
  std::vector<std::string> wrapper;
  bool json = false;
};

enum class Measure : std::uint8_t {
  throughput,
  cold_start,  // wall time of a process that folds one event and ends
  rebuild,     // of a view from the log alone, after another definition had read it all
};

struct Measurement {
  std::string name;
  std::string meaning;
  Measure measure = Measure::throughput;
  std::uint64_t events = 0;
  std::uint64_t keys = 0;
  std::function<std::unique_ptr<Workload>(std::uint64_t keys, const Options&)> make;
};

using Make = decltype(Measurement::make);

Make observations(bool preloaded, bool extremes = false, Encoding encoding = Encoding::flatbuffers) {
  return [=](std::uint64_t keys, const Options& options) {
    return make_observations(
        {keys, preloaded ? keys : 0, options.depth, options.views, options.rules, extremes, encoding});
  };
}

std::unique_ptr<Workload> tasks(std::uint64_t keys, const Options&) { return make_tasks(keys); }

const std::vector<Measurement>& measurements() {
  static const std::vector<Measurement> all = {
      {"observations", "FlatBuffers readings: count and sum by day", Measure::throughput, 10'000'000, 100'000,
       observations(false)},
      {"observations-extremes", "the same with min and max", Measure::throughput, 10'000'000, 100'000,
       observations(false, true)},
      {"observations-json", "JSON readings", Measure::throughput, 5'000'000, 100'000,
       observations(false, false, Encoding::json)},
      {"observations-wide", "FlatBuffers readings of ten million sensors that are all known",
       Measure::throughput, 10'000'000, 10'000'000, observations(true)},
      {"cold-start", "one reading on the state of ten million sensors", Measure::cold_start, 1, 10'000'000,
       observations(true)},
      {"tasks", "task events over five million live tasks: delivery by month, with timers",
       Measure::throughput, 2'000'000, 5'000'000, tasks},
      {"rebuild", "a view from the log, after its definition changed", Measure::rebuild, 100'000'000, 100'000,
       observations(false)},
  };
  return all;
}

constexpr std::string_view kOtherDefinitions = R"yaml(name: What was counted before
time_zone: UTC
views:
  nothing: { from: measurements, window: { every: month }, measures: { figures: count(*) } }
)yaml";

void write_text(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

// In a process of its own, so that neither its threads nor its memory are there when the engine is measured.
Result<> in_child(const std::function<Result<>()>& work) {
  const pid_t pid = fork();
  if (pid == 0) {
    const Result<> done = work();
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    _exit(done ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorCode::io, "the child process failed");
}

class Bench {
 public:
  Bench(const Options& options, const Measurement& measurement)
      : options_(options),
        measurement_(measurement),
        events_(options.events == 0 || measurement.measure == Measure::cold_start ? measurement.events
                                                                                  : options.events),
        workload_(make()) {}

  Result<> run() {
    SLIPSTREAM_TRY(prepare());
    for (int i = 0; i < options_.repeat; ++i) {
      const fs::path data = options_.directory / "run";
      fs::remove_all(data);
      copy_deployment(filled(), data);
      write_text(data / "definitions.yaml", workload_->definitions());
      if (measurement_.measure == Measure::rebuild) SLIPSTREAM_TRY(read_by_other_definitions(data));
      SLIPSTREAM_ASSIGN(const EngineRun run, run_engine(command(data, options_.wrapper)));
      report(run);
      SLIPSTREAM_TRY(check(data, run));
      fs::remove_all(data);
    }
    return {};
  }

 private:
  std::uint64_t keys() const { return options_.keys == 0 ? measurement_.keys : options_.keys; }
  std::unique_ptr<Workload> make() const { return measurement_.make(keys(), options_); }

  // A log serves all definitions, a state those that made it.
  std::string title(std::uint64_t events) const {
    const std::string kind = workload_->preload() == 0
                                 ? measurement_.name
                                 : fmt::format("preloaded-{}-views-{}-rules", options_.views, options_.rules);
    return fmt::format("{}-{}-{}-levels-{}-partitions-{}-events-of-{}", workload_->view(), kind,
                       options_.depth, options_.partitions, events, keys());
  }
  fs::path loaded() const { return options_.directory / title(0); }
  fs::path filled() const { return options_.directory / title(events_); }

  bool is_usable(const fs::path& data) const {
    return fs::exists(data / "complete") &&
           (workload_->preload() == 0 || has_state(data, data / "definitions.yaml"));
  }

  // The filled deployment, made once for its parameters and for how the engine numbers its states.
  Result<> prepare() const {
    if (is_usable(filled())) return {};
    fs::remove_all(filled());
    if (workload_->preload() > 0) {
      SLIPSTREAM_TRY(load());
      copy_deployment(loaded(), filled());
      fs::remove(filled() / "complete");
    }
    fs::create_directories(filled());
    write_text(filled() / "definitions.yaml", workload_->definitions());
    SLIPSTREAM_TRY(append(filled(), workload_->preload(), workload_->preload() + events_));
    write_text(filled() / "complete", "");
    return {};
  }

  // The state that the measurement starts from, folded by the engine itself.
  Result<> load() const {
    if (is_usable(loaded())) return {};
    fs::remove_all(loaded());
    fs::create_directories(loaded());
    write_text(loaded() / "definitions.yaml", workload_->definitions());
    SLIPSTREAM_TRY(append(loaded(), 0, workload_->preload()));
    SLIPSTREAM_ASSIGN(const EngineRun run, run_engine(command(loaded(), {})));
    fmt::print(stderr, "{:<24} loaded {} events, {:.0f} events per CPU-second, {:.1f} s\n", measurement_.name,
               run.folded, static_cast<double>(run.folded) / run.cpu_s, run.wall_s);
    write_text(loaded() / "complete", "");
    return {};
  }

  Result<> append(const fs::path& data, std::uint64_t from, std::uint64_t to) const {
    return in_child([&]() -> Result<> {
      const auto workload = make();
      Event event;
      for (std::uint64_t index = 0; index < from; ++index)
        workload->write(index, event);
      return fill(data, *workload, from, to, options_.partitions);
    });
  }

  Result<> read_by_other_definitions(const fs::path& data) const {
    EngineCommand other = command(data, {});
    other.definitions = data / "other.yaml";
    write_text(other.definitions, kOtherDefinitions);
    SLIPSTREAM_TRY(run_engine(other));
    return {};
  }

  EngineCommand command(const fs::path& data, const std::vector<std::string>& wrapper) const {
    return {options_.engine,
            data,
            data / "definitions.yaml",
            {"memory=" + options_.memory, "commit_interval=" + options_.commit_interval, "clock=events"},
            wrapper};
  }

  void report(const EngineRun& run) const {
    const double events = static_cast<double>(events_);
    if (options_.json) {
      fmt::print(
          R"({{"workload": "{}", "events": {}, "cpu_s": {}, "wall_s": {}, "rss_bytes_max": {}, "commits": {}}})"
          "\n",
          measurement_.name, events_, run.cpu_s, run.wall_s, run.rss_bytes_max, run.commits);
      std::fflush(stdout);
      return;
    }
    if (measurement_.measure == Measure::cold_start) {
      fmt::print("{:<24} {:.2f} s from the start of the process to its end\n", measurement_.name, run.wall_s);
      return;
    }
    fmt::print(
        "{:<24} {:>11} events | {:>9.0f} per CPU-second | {:>7.1f} s CPU | {:>7.1f} s wall | {:>5.0f} MiB "
        "peak | "
        "{:>6.0f} MiB written | {} commits\n",
        measurement_.name, events_, events / run.cpu_s, run.cpu_s, run.wall_s,
        static_cast<double>(run.rss_bytes_max) / (1 << 20),
        static_cast<double>(run.written_bytes) / (1 << 20), run.commits);
    std::fflush(stdout);
  }

  Result<> check(const fs::path& data, const EngineRun& run) {
    Event event;
    const std::uint64_t all = workload_->preload() + events_;
    for (; written_ < all; ++written_)
      workload_->write(written_, event);
    if (run.folded != all)
      return fail(ErrorCode::internal, fmt::format("{} of {} events were folded", run.folded, all));
    SLIPSTREAM_ASSIGN(const Timestamp clock, parse_timestamp(run.clock));
    return in_child([&] {
      return verify(data, data / "definitions.yaml", workload_->view(), workload_->root(),
                    workload_->totals(clock));
    });
  }

  const Options& options_;
  const Measurement& measurement_;
  const std::uint64_t events_;
  const std::unique_ptr<Workload> workload_;
  std::uint64_t written_ = 0;
};

int run(const Options& options) {
  bool all_well = true;
  for (const Measurement& measurement : measurements()) {
    const auto& asked = options.workloads;
    const bool named = std::find(asked.begin(), asked.end(), measurement.name) != asked.end();
    // The rebuild fills ten gigabytes: only when it is asked for, or made small.
    const bool by_default = measurement.measure != Measure::rebuild || options.events != 0;
    if (asked.empty() ? !by_default : !named) continue;
    const Result<> ran = Bench(options, measurement).run();
    if (!ran) fmt::print(stderr, "{}: {}\n", measurement.name, ran.error().message);
    all_well &= ran.has_value();
  }
  return all_well ? 0 : 1;
}

std::string workload_list() {
  std::string text = "Workloads (default: all but rebuild):\n";
  for (const Measurement& m : measurements())
    text += fmt::format("  {:<24} {}; {} events, {} keys\n", m.name, m.meaning, m.events, m.keys);
  return text;
}

}  // namespace
}  // namespace slipstream::bench

int main(int argc, char** argv) {
  using namespace slipstream::bench;
  Options options;
  CLI::App app(
      "Fills an embedded log, runs `slipstream run --until-idle` on it in a process of its own, reports what "
      "that process cost, and verifies the figures it committed.");
  app.footer(workload_list());
  std::vector<std::string> names;
  for (const Measurement& measurement : measurements())
    names.push_back(measurement.name);
  app.add_option("workloads", options.workloads)->check(CLI::IsMember(names));
  app.add_option("--events", options.events, "measured events");
  app.add_option("--keys", options.keys, "sensors, or live tasks");
  const std::vector<CLI::Option*> of_readings{
      app.add_option("--depth", options.depth, "levels above a sensor, the city included")
          ->check(CLI::Range(1, ObservationShape::kDepthMax)),
      app.add_option("--views", options.views, "views of the same readings")->check(CLI::Range(1, 1000)),
      app.add_option("--rules", options.rules, "alert rules on the places right below the city")
          ->check(CLI::Range(0, 100'000))};
  app.add_option("--partitions", options.partitions, "partitions of the log, each a shard and a thread");
  app.add_option("--memory", options.memory, "the engine's budget");
  app.add_option("--commit-interval", options.commit_interval);
  app.add_option("--repeat", options.repeat);
  app.add_option("--directory", options.directory,
                 "logs are kept here and used again when their parameters agree");
  app.add_option("--engine", options.engine, "another executable `slipstream`, to compare");
  app.add_option("--wrapper", options.wrapper,
                 "run the measured engine under this command, one word an option");
  app.add_flag("--json", options.json, "one object a line for each run, to be read by programs");
  CLI11_PARSE(app, argc, argv);
  const auto& asked = options.workloads;
  const bool with_tasks = asked.empty() || std::find(asked.begin(), asked.end(), "tasks") != asked.end();
  for (const CLI::Option* option : of_readings)
    if (with_tasks && option->count() > 0) {
      fmt::print(stderr, "{} shapes readings: name the workloads of observations\n", option->get_name());
      return 2;
    }
  return run(options);
}
