#include "benchmarks/end_to_end/engine_run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <sstream>

namespace slipstream::bench {
namespace {

namespace fs = std::filesystem;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::vector<std::string> arguments_of(const EngineCommand& command) {
  std::vector<std::string> arguments = command.wrapper;
  for (const std::string& argument :
       {command.engine.string(), std::string("run"), std::string("--until-idle"), std::string("--quiet"),
        "--data=" + command.data.string(), "--definitions=" + command.definitions.string(),
        std::string("--output=json")})
    arguments.push_back(argument);
  for (const std::string& setting : command.settings)
    arguments.push_back("--set=" + setting);
  return arguments;
}

// Starts the command with its standard output in a file; -1 when it cannot be started.
pid_t start(std::vector<std::string> arguments, const fs::path& output) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0644);
  pid_t pid = -1;
  if (posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

Result<> read_answer(const fs::path& output, EngineRun& run) {
  std::ifstream file(output);
  std::ostringstream text;
  text << file.rdbuf();
  boost::system::error_code error;
  const boost::json::value answer = boost::json::parse(text.str(), error);
  if (error) return fail(ErrorCode::io, "the engine's answer is no JSON: " + text.str());
  const boost::json::object& counters = answer.at("counters").as_array().at(0).as_object();
  const auto counter = [&](const char* name) { return counters.at(name).to_number<std::uint64_t>(); };
  run.received = counter("received");
  run.folded = counter("folded");
  run.commits = counter("commits");
  run.clock = answer.at("clock").as_string();
  return {};
}

}  // namespace

Result<EngineRun> run_engine(const EngineCommand& command) {
  const fs::path output = command.data / "answer.json";
  const auto started = std::chrono::steady_clock::now();
  const pid_t pid = start(arguments_of(command), output);
  if (pid < 0) return fail(ErrorCode::io, "cannot start " + command.engine.string());
  int status = 0;
  rusage usage{};
  wait4(pid, &status, 0, &usage);
  EngineRun run;
  run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorCode::io, "the engine failed with status " + std::to_string(status));
  run.cpu_s = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  run.rss_bytes_max = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  run.written_bytes = static_cast<std::uint64_t>(usage.ru_oublock) * 512;
  SLIPSTREAM_TRY(read_answer(output, run));
  return run;
}

}  // namespace slipstream::bench
