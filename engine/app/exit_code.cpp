#include "engine/app/exit_code.h"

namespace slipstream {
namespace {

ExitCode of_dependency(ErrorCode code) {
  switch (code) {
    case ErrorCode::io:
    case ErrorCode::disk_full:
      return ExitCode::io;
    case ErrorCode::fenced:
      return ExitCode::try_again;
    default:
      return ExitCode::dependency_unavailable;
  }
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
  if (error.code == ErrorCode::usage) return ExitCode::usage;
  if (error.code == ErrorCode::unreadable_file) return ExitCode::io;
  switch (blame_of(error.code)) {
    case Blame::configuration:
      return ExitCode::bad_configuration;
    case Blame::data:
      return ExitCode::bad_data;
    case Blame::dependency:
      return of_dependency(error.code);
    case Blame::bug:
      return ExitCode::bug;
  }
  return ExitCode::bug;
}

}  // namespace slipstream
