// What a command's process ends with; docs/errors.md tells users.
#pragma once

#include "engine/base/error.h"

namespace slipstream {

enum class ExitCode : int {
  ok = 0,
  problems_found = 1,  // the command did its work and found differences, bad rows, failed tests
  usage = 2,
  bad_data = 65,
  dependency_unavailable = 69,
  bug = 70,
  io = 74,
  try_again = 75,
  bad_configuration = 78,
  interrupted = 130,  // by SIGINT or SIGTERM, before the work was done
};

ExitCode exit_code_of(const Error& error);

}  // namespace slipstream
