// One run of the engine as users run it, `slipstream run --until-idle` in a process of its own, and what it
// cost.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace slipstream::bench {

struct EngineCommand {
  std::filesystem::path engine;  // the executable `slipstream`
  std::filesystem::path data;
  std::filesystem::path definitions;
  std::vector<std::string> settings;  // key=value, as --set takes them
  std::vector<std::string> wrapper;   // a command to run it under, such as perf; may be empty
};

struct EngineRun {
  std::uint64_t received = 0;  // since the deployment began, those of earlier runs included
  std::uint64_t folded = 0;
  std::uint64_t commits = 0;  // of this run
  std::string clock;          // RFC 3339
  double wall_s = 0;
  double cpu_s = 0;  // user and system, all threads, start and end of the process included
  std::uint64_t rss_bytes_max = 0;
  std::uint64_t written_bytes = 0;  // given to the disk
};

// Error io when the engine cannot be started or fails; its own message is on the standard error.
Result<EngineRun> run_engine(const EngineCommand& command);

}  // namespace slipstream::bench
