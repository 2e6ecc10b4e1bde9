#include "engine/state/rocksdb_status.h"

#include <fmt/format.h>
#include <rocksdb/status.h>

namespace slipstream {
namespace {

bool is_lock_conflict(std::string_view text) {
  return text.find("lock hold by current process") != std::string_view::npos ||
         text.find("While lock file") != std::string_view::npos;
}

bool is_missing_file(std::string_view text) {
  return text.find("No such file or directory") != std::string_view::npos;
}

// A quota, or a limit of the process on the size of a file: full for this user. RocksDB knows only the full
// disk itself.
bool is_limit_of_user(std::string_view text) {
  return text.find("Disk quota exceeded") != std::string_view::npos ||
         text.find("File too large") != std::string_view::npos;
}

}  // namespace

Error error_of(const rocksdb::Status& status, std::string_view what, std::string_view failed,
               ErrorCode in_use) {
  const std::string text = status.ToString();
  const auto error = [&](ErrorCode code, std::string_view advice) {
    return Error{code, fmt::format("{} {}: {} ({})", what, failed, advice, text)};
  };
  if (status.IsNoSpace() || is_limit_of_user(text)) {
    return error(ErrorCode::disk_full, "the disk is full; free space or enlarge the volume, then restart");
  }
  if (status.IsIOError() && is_lock_conflict(text)) {
    return error(in_use,
                 "it is already in use by another process; stop that process, or use another directory, or "
                 "open this one read-only");
  }
  if (status.IsCorruption()) {
    return error(ErrorCode::store_corrupt,
                 "its files are damaged; a state may be deleted, it is rebuilt from the log; a log is "
                 "restored from a backup");
  }
  if (status.IsIOError() && is_missing_file(text)) {
    return error(ErrorCode::io, "a file is missing; check that the directory is complete and mounted");
  }
  if (status.IsInvalidArgument()) {
    return error(ErrorCode::store_corrupt,
                 "the directory does not hold what was expected; check the path, or restore it");
  }
  return error(ErrorCode::io, "check the directory's permissions and the disk's health, then restart");
}

}  // namespace slipstream
