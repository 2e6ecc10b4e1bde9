#include "engine/state/backup_pruning.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

namespace slipstream {
namespace {

namespace fs = std::filesystem;

// Longer than any copy takes from its first file to its inventory.
constexpr std::chrono::hours kUnlistedFor(24);

using Names = std::set<std::string>;

struct Division {
  Names listed;       // files of the checkpoints that stay
  Names outdated;     // files of those that go
  Names inventories;  // that go
};

Division divide(const ShardCheckpoints::Contents& contents, const StoredFiles& stored, int keep) {
  Division division;
  int whole = 0;
  CommitSequence oldest_kept;
  for (const auto& [name, inventory] : contents.checkpoints) {
    const bool stays = whole < keep;
    if (stays && !lack_of(inventory, stored)) ++whole;
    if (stays) oldest_kept = inventory.sequence;
    if (!stays) division.inventories.insert(name);
    for (const InventoryFile& file : inventory.files)
      (stays ? division.listed : division.outdated).insert(file.stored_name());
  }
  for (const UnreadableInventory& unreadable : contents.unreadable)
    if (whole >= keep && unreadable.sequence < oldest_kept)
      division.inventories.insert(unreadable.inventory_name);
  return division;
}

}  // namespace

Result<> prune(const ShardCheckpoints& checkpoints, int keep, const std::string& just_placed) {
  SLIPSTREAM_ASSIGN(const StoredFiles stored, checkpoints.stored_files());
  SLIPSTREAM_ASSIGN(const ShardCheckpoints::Contents contents, checkpoints.read());
  const Division division = divide(contents, stored, keep);
  for (const std::string& name : division.inventories)
    SLIPSTREAM_TRY(remove_file(checkpoints.directory() / name));
  // No inventory comes back after its files have gone.
  if (!division.inventories.empty()) SLIPSTREAM_TRY(sync_directory(checkpoints.directory()));
  std::error_code gone;
  const auto now = fs::last_write_time(checkpoints.directory() / just_placed, gone);
  for (const auto& [name, file] : stored) {
    if (division.listed.contains(name)) continue;
    const bool old = !gone && now - file.modified_at > kUnlistedFor;
    if (old || division.outdated.contains(name))
      SLIPSTREAM_TRY(remove_file(checkpoints.files_directory() / name));
  }
  return {};
}

}  // namespace slipstream
