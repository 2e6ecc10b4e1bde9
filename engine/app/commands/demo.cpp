// `slipstream demo`: a made-up city through the whole engine, and what it found.
//
// The days are lived through one by one: each night the day's file is imported and the clock goes on, so that
// alerts rise and resolve as they would have.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "connectors/file/importer.h"
#include "engine/app/commands/command.h"
#include "engine/app/demo/board.h"
#include "engine/app/demo/city_files.h"
#include "engine/app/stop_signal.h"
#include "engine/shard/local_engine.h"

namespace slipstream {
namespace {

constexpr std::uint64_t kSeed = 7;
constexpr Duration kResolution = hours(1);

// Where the demo lives: the named directory, or one that goes with the process.
class DemoDirectory {
 public:
  static Result<std::unique_ptr<DemoDirectory>> open(const std::string& wanted) {
    std::unique_ptr<DemoDirectory> directory(new DemoDirectory());
    directory->path_ = wanted;
    if (wanted.empty()) {
      std::string name = (std::filesystem::temp_directory_path() / "slipstream-demo-XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr)
        return fail(ErrorCode::io, "no temporary directory can be made; name one with --data DIR");
      directory->path_ = name;
      directory->is_temporary_ = true;
    } else if (std::filesystem::exists(directory->path_ / "log")) {
      return fail(ErrorCode::usage,
                  fmt::format("{}: there is a log already; name an empty directory with --data", wanted));
    }
    return directory;
  }
  ~DemoDirectory() {
    std::error_code ignored;
    if (is_temporary_) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  bool is_temporary() const { return is_temporary_; }

 private:
  DemoDirectory() = default;
  std::filesystem::path path_;
  bool is_temporary_ = false;
};

Timestamp wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

// Imports a file a day and lets the clock go on to each day's end. False: it was interrupted.
Result<bool> live_through(Deployment& deployment, const Plan& plan, const CityFiles& files,
                          ProgressLine& line, const std::atomic<bool>& stopping) {
  LocalEngine::Options options;
  options.partitions = deployment.partitions();
  options.topics = deployment.topics();
  options.decode = deployment.shard_options(Partition(0)).decode;
  options.resolution = kResolution;
  SLIPSTREAM_ASSIGN(const auto engine,
                    LocalEngine::open(plan, options, deployment.log(),
                                      [&](Partition shard) { return deployment.open_store(plan, shard); }));
  ImportOptions importing;
  importing.clock = wall_clock;
  importing.partitions = deployment.partitions();
  Importer importer(&deployment.log(), importing);
  SLIPSTREAM_TRY(importer.prepare());
  const Mapping mapping = mapping_of_events(FileFormat::json_lines);
  for (const auto& file : files.events) {
    if (stopping.load()) return false;
    SLIPSTREAM_TRY(importer.import_file(file, mapping));
    const std::string day = file.stem().string();
    SLIPSTREAM_ASSIGN(const Timestamp end, parse_deadline(day, plan.zone));
    SLIPSTREAM_TRY(engine->advance_to(end));
    line.show(fmt::format("{}: {} events folded, {} alert transitions", day, engine->counters().folded,
                          engine->counters().transitions));
  }
  return true;
}

Result<ExitCode> demo(Session& session) {
  const auto began = std::chrono::steady_clock::now();
  std::atomic<bool> stopping{false};
  // So that a temporary directory goes with the process, however it ends.
  const StopSignal signals([&] { stopping.store(true); });
  SLIPSTREAM_ASSIGN(const std::unique_ptr<DemoDirectory> directory,
                    DemoDirectory::open(session.options.data));
  SLIPSTREAM_ASSIGN(const CityFiles files,
                    write_city(directory->path(), kSeed, CitySize::small, CitySplit::file_a_day));
  session.options.data = directory->path().string();
  session.options.definitions = files.definitions.string();
  SLIPSTREAM_ASSIGN(const std::shared_ptr<const Plan> plan, session.plan());
  ProgressLine line = session.progress();
  {
    SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment,
                      session.open(Deployment::Access::write_unsynced));
    SLIPSTREAM_ASSIGN(const bool lived, live_through(*deployment, *plan, files, line, stopping));
    if (!lived) return ExitCode::interrupted;
  }
  line.end();
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment, session.open(Deployment::Access::read));
  const Board board(*deployment, plan, files.city, isatty(STDOUT_FILENO) == 1);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{}: {} events of half a year, folded and judged day by day in {:.1f} s\n\n", plan->name,
             files.written, took.count());
  SLIPSTREAM_TRY(board.print());
  if (!directory->is_temporary())
    fmt::print(
        "\nGo on with:\n  slipstream query on_time_rate --data '{0}' --definitions '{1}'\n  slipstream check "
        "--data '{0}' --definitions '{1}'\n",
        directory->path().string(), files.definitions.string());
  return ExitCode::ok;
}

}  // namespace

void add_demo_command(const CommandLine& line) {
  line.add(
      "demo", "A made-up city through the whole engine: its board, its alerts, one figure explained",
      "  slipstream demo\n  slipstream demo --data demo-city    # keeps everything there, to look around",
      [&session = line.session] { return demo(session); });
}

}  // namespace slipstream
