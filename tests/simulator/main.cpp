// slipstream_simulator: schedules from a range of seeds, one after the other; the first failure is shrunk and
// shown.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/simulator/simulation.h"

namespace slipstream::simulator {
namespace {

#ifndef SLIPSTREAM_COMMIT
#define SLIPSTREAM_COMMIT "unknown"
#endif

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t schedules = 1;
  bool keep_going = false;
  bool quiet = false;
  bool show = false;
};

volatile std::uint64_t current_seed = 0;

// An invariant that fails aborts: say which schedule it was.
void say_seed(int) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "\nabort in seed %llu\n",
                                   static_cast<unsigned long long>(current_seed));
  (void)!write(STDERR_FILENO, text, static_cast<std::size_t>(length));
  signal(SIGABRT, SIG_DFL);
  raise(SIGABRT);
}

double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

std::string faults_so_far(const Tally& tally) {
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Count::count_); ++i) {
    const auto what = static_cast<Count>(i);
    if (text_of(what).starts_with("fault: "))
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", tally[what], text_of(what).substr(7));
  }
  return text;
}

void show_summary(const Arguments& arguments, const Tally& tally, std::uint64_t failures,
                  std::uint64_t hash) {
  fmt::print("seeds {} to {}, commit {}: {} failures, {:.1f} CPU seconds, trace {:016x}\n", arguments.seed,
             arguments.seed + arguments.schedules - 1, SLIPSTREAM_COMMIT, failures, cpu_seconds(), hash);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Count::count_); ++i) {
    const auto what = static_cast<Count>(i);
    fmt::print("{:>14}  {}\n", tally[what], text_of(what));
  }
}

int run(const Arguments& arguments) {
  const auto pool = load_definitions_pool();
  if (!pool) {
    fmt::print(stderr, "{}\n", pool.error().message);
    return 2;
  }
  Options everything;
  everything.describes = arguments.show;
  Tally tally;
  std::uint64_t failures = 0, hash = 0;
  for (std::uint64_t i = 0; i < arguments.schedules; ++i) {
    const std::uint64_t seed = arguments.seed + i;
    current_seed = seed;
    Outcome outcome = simulate(*pool, seed, everything);
    tally += outcome.tally;
    hash = hash * 0x9E3779B97F4A7C15ULL + outcome.trace_hash;
    if (!outcome.finding.empty()) {
      ++failures;
      fmt::print("{}\n", arguments.keep_going ? fmt::format("seed {}: {}", seed, outcome.finding)
                                              : "shrinking seed " + std::to_string(seed));
      if (!arguments.keep_going) {
        const Options smaller = shrink(*pool, seed, {});
        fmt::print("{}  commit {}\n", report(seed, smaller, simulate(*pool, seed, smaller)),
                   SLIPSTREAM_COMMIT);
        break;
      }
    } else if (arguments.show) {
      fmt::print("{}", report(seed, everything, outcome));
    }
    std::fflush(stdout);
    if (!arguments.quiet && (i + 1) % 1000 == 0)
      fmt::print(stderr, "\r{} of {}, {:.0f} a CPU second; {}", i + 1, arguments.schedules,
                 static_cast<double>(i + 1) / cpu_seconds(), faults_so_far(tally));
  }
  if (!arguments.quiet) fmt::print(stderr, "\n");
  show_summary(arguments, tally, failures, hash);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace slipstream::simulator

int main(int argc, char** argv) {
  using namespace slipstream::simulator;
  Arguments arguments;
  std::uint64_t jobs = 1;
  CLI::App app{
      "Runs shards under faults and compares with brute force. A schedule is determined by its seed and the "
      "commit.",
      "slipstream_simulator"};
  app.footer(
      "Examples:\n  slipstream_simulator --seed 42\n  slipstream_simulator --seed 1 --schedules 10000 --jobs "
      "2\n"
      "Exit code: 0 all is as promised, 1 a schedule failed (it is shrunk and shown), 2 wrong arguments.");
  app.add_option("--seed", arguments.seed, "the first seed")->required();
  app.add_option("--schedules", arguments.schedules, "how many seeds from there on")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--jobs", jobs, "processes, each with a part of the seeds")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--keep-going", arguments.keep_going,
               "name every failing seed instead of shrinking the first");
  app.add_flag("--quiet", arguments.quiet, "no progress");
  app.add_flag("--show", arguments.show, "show the records and the trace of schedules that pass, too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  signal(SIGABRT, say_seed);
  if (jobs == 1) return run(arguments);
  int worst = 0;
  const std::uint64_t share = (arguments.schedules + jobs - 1) / jobs;
  for (std::uint64_t first = 0; first < arguments.schedules; first += share) {
    if (fork() != 0) continue;
    Arguments part = arguments;
    part.seed += first;
    part.schedules = std::min(share, arguments.schedules - first);
    part.quiet = part.quiet || first > 0;
    const int result = run(part);
    std::fflush(stdout);
    _exit(result);
  }
  for (int status = 0; wait(&status) > 0;)
    worst = std::max(worst, WIFEXITED(status) ? WEXITSTATUS(status) : 1);
  return worst;
}
