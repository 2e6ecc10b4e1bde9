// Reading a whole backup directory for what a restore would trip over.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace slipstream {

struct BackupFinding {
  enum class Kind : std::uint8_t {
    damaged,   // an inventory or a file: other bytes than its name promises, or it cannot be read
    missing,   // an inventory lists it
    unlisted,  // no inventory lists it: a copy is under way, or a crash has left it; it goes by itself
  };
  Kind kind = Kind::damaged;
  std::filesystem::path path;
  std::string reason;
};
std::string_view name_of(BackupFinding::Kind kind);

struct BackupVerification {
  std::size_t shards = 0;
  std::size_t checkpoints = 0;  // with an inventory that can be read
  std::size_t files = 0;        // read and compared
  std::uint64_t bytes = 0;      // of those
  std::vector<BackupFinding> findings;
  bool sound() const;  // nothing is damaged or missing
};

// Reads every inventory and every file, and compares their checksums; opens no store. May run beside writers.
// `progress` is called after each file. Errors: not_found (no backup directory), io (one cannot be listed).
Result<BackupVerification> verify_backup(const std::filesystem::path& backup,
                                         const std::function<void(const BackupVerification&)>& progress);

}  // namespace slipstream
