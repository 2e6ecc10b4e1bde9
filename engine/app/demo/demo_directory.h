// Where the demo lives: a directory that is kept, so that it goes on where it was.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/error.h"

namespace slipstream {

// The named one, or slipstream/demo where a user's programs keep their state (XDG base directories). Error usage
// when nothing says where that is.
Result<std::filesystem::path> demo_directory(const std::string& named);

// Deletes what the demo keeps there: log, state and definitions, and nothing else. Errors usage when the log there
// is not the demo's; those of opening it, when another process has it.
Result<> clear_demo(const std::filesystem::path& directory);

}  // namespace slipstream
