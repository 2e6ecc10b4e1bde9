#include "engine/state/backup_verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/state/backup.h"

namespace slipstream {
namespace {

namespace fs = std::filesystem;
using Kind = BackupFinding::Kind;
using Progress = std::function<void(const BackupVerification&)>;

// Beside a writer: what it has let go since, inventory and all, is not missing.
bool still_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void compare(const fs::path& path, BackupVerification& verification) {
  const auto digest = digest_of(path);
  if (!digest && digest.error().code == ErrorCode::not_found) return;
  ++verification.files;
  if (!digest) {
    verification.findings.push_back({Kind::damaged, path, digest.error().message});
    return;
  }
  verification.bytes += digest->bytes;
  if (*digest != digest_in_name(path.filename().string()))
    verification.findings.push_back({Kind::damaged, path, "it holds other bytes than were written"});
}

Result<> verify_shard(const ShardCheckpoints& shard, const Progress& progress,
                      BackupVerification& verification) {
  // In this order, what comes meanwhile is listed but not yet in `stored`: then it is looked for again.
  SLIPSTREAM_ASSIGN(const StoredFiles stored, shard.stored_files());
  SLIPSTREAM_ASSIGN(const ShardCheckpoints::Contents contents, shard.read());
  ++verification.shards;
  verification.checkpoints += contents.checkpoints.size();
  for (const UnreadableInventory& unreadable : contents.unreadable)
    verification.findings.push_back(
        {Kind::damaged, shard.directory() / unreadable.inventory_name, unreadable.reason});
  std::set<std::string> listed;
  for (const auto& [inventory_name, inventory] : contents.checkpoints) {
    const fs::path path = shard.directory() / inventory_name;
    for (const InventoryFile& file : inventory.files) {
      const fs::path stored_path = shard.files_directory() / file.stored_name();
      if (!listed.insert(file.stored_name()).second || still_there(stored_path) || !still_there(path))
        continue;
      verification.findings.push_back(
          {Kind::missing, stored_path, fmt::format("{} lists it", path.string())});
    }
  }
  for (const auto& [name, file] : stored) {
    const fs::path path = shard.files_directory() / name;
    if (!listed.contains(name))
      verification.findings.push_back({Kind::unlisted, path, fmt::format("{} bytes", file.bytes)});
  }
  for (const std::string& name : listed) {
    compare(shard.files_directory() / name, verification);
    progress(verification);
  }
  return {};
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::damaged:
      return "damaged";
    case Kind::missing:
      return "missing";
    case Kind::unlisted:
      return "unlisted";
  }
  return "";
}

bool BackupVerification::sound() const {
  return std::all_of(findings.begin(), findings.end(),
                     [](const BackupFinding& finding) { return finding.kind == Kind::unlisted; });
}

Result<BackupVerification> verify_backup(const fs::path& backup, const Progress& progress) {
  SLIPSTREAM_ASSIGN(const std::vector<ShardCheckpoints> shards, shards_in(backup));
  BackupVerification verification;
  for (const ShardCheckpoints& shard : shards)
    SLIPSTREAM_TRY(verify_shard(shard, progress, verification));
  return verification;
}

}  // namespace slipstream
