#include "engine/app/demo/demo_directory.h"

#include <fmt/format.h>

#include <cstdlib>

#include "engine/app/demo/city_feed.h"

namespace slipstream {
namespace {

Result<> require_demo(const std::filesystem::path& directory) {
  Configuration settings;
  settings.data = directory;
  SLIPSTREAM_ASSIGN(const std::unique_ptr<Deployment> deployment,
                    Deployment::open(settings, Deployment::Access::write));
  SLIPSTREAM_TRY(CityFeed::find_entry(*deployment));
  return {};
}

}  // namespace

Result<std::filesystem::path> demo_directory(const std::string& named) {
  if (!named.empty()) return std::filesystem::path(named);
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::filesystem::path(state) / "slipstream" / "demo";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/')
    return std::filesystem::path(home) / ".local" / "state" / "slipstream" / "demo";
  return fail(ErrorCode::usage, "there is no home directory to keep the demo in; name one with --data DIR");
}

Result<> clear_demo(const std::filesystem::path& directory) {
  if (!std::filesystem::exists(directory / "log")) return {};
  SLIPSTREAM_TRY(require_demo(directory));
  for (const char* part : {"log", "state", "city.yaml"}) {
    std::error_code error;
    std::filesystem::remove_all(directory / part, error);
    if (error)
      return fail(ErrorCode::io,
                  fmt::format("{}: cannot be deleted: {}", (directory / part).string(), error.message()));
  }
  return {};
}

}  // namespace slipstream
