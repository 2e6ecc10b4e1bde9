// Names on a command line to files: directories and patterns.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "connectors/file/event_reader.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;

bool is_pattern(const std::string& name) { return name.find_first_of("*?[") != std::string::npos; }

Result<> add_matching(const fs::path& folder, const std::string& pattern, std::vector<fs::path>& files) {
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    const bool matches = fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
    std::error_code gone;
    if (matches && entry->is_regular_file(gone)) files.push_back(entry->path());
  }
  if (!failure) return {};
  return fail(ErrorCode::unreadable_file, fmt::format("{}: {}", folder.string(), failure.message()));
}

}  // namespace

Result<std::vector<fs::path>> input_files(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    const fs::path path(name);
    const std::size_t before = files.size();
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      SLIPSTREAM_TRY(add_matching(path, "*", files));
    } else if (fs::exists(path, ignored)) {
      files.push_back(path);
    } else if (is_pattern(path.filename().string())) {
      SLIPSTREAM_TRY(add_matching(path.has_parent_path() ? path.parent_path() : fs::path("."),
                                  path.filename().string(), files));
    }
    if (files.size() == before)
      return fail(ErrorCode::unreadable_file,
                  fmt::format("{}: no such file, and no pattern or directory with files", name));
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace slipstream
