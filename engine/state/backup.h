// The backup directory: the newest checkpoints of every shard, on a volume that outlives the instance.
//
//   <backup>/<state version>/shard-<n>/<inventory>    a checkpoint is there when its inventory is
//   <backup>/<state version>/shard-<n>/files/<file>   what inventories list, each once; and *.partial: being
//                                                     copied, or left by a crash
//
// One instance at a time writes a shard's directory, but one that has lost the shard may not know it yet
// (shard_backup.h says why that does no harm). What is read here is therefore believed only after its
// checksums. Any thread, any process, beside the writer. Errors: not_found when the backup directory itself
// is not there (nothing creates it: where a volume is not mounted, nothing shall be written); io.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/state/inventory.h"

namespace slipstream {

struct StoredFile {
  std::uint64_t bytes = 0;
  std::filesystem::file_time_type modified_at;  // by the volume's clock
};
using StoredFiles = std::map<std::string, StoredFile>;  // by name

struct BackedUpCheckpoint {
  std::string inventory_name;
  Inventory inventory;
};

struct UnreadableInventory {
  std::string inventory_name;
  CommitSequence sequence;
  std::string reason;
};

struct FoundCheckpoint {
  CommitSequence sequence;
  Timestamp made_at;
  std::uint64_t bytes = 0;
  // Newer checkpoints that are damaged, and how: to be told to whoever operates this.
  std::vector<std::string> passed_over;
};

// What the backup directory has of one shard.
class ShardCheckpoints {
 public:
  ShardCheckpoints(std::filesystem::path backup, std::string state_version, Partition shard);

  const std::string& state_version() const { return state_version_; }
  Partition shard() const { return shard_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path files_directory() const { return directory_ / "files"; }

  struct Contents {
    std::vector<BackedUpCheckpoint> checkpoints;  // newest first
    std::vector<UnreadableInventory> unreadable;
  };
  Result<Contents> read() const;
  Result<StoredFiles> stored_files() const;

  // The newest whose files are all there in their sizes; none: nullopt. Reads no file but inventories.
  Result<std::optional<FoundCheckpoint>> newest() const;

  // Copies the newest checkpoint whose checksums are right to a directory that is not there, or empty. It
  // appears there whole or not at all: `to`.partial is where it grows. Errors: already_exists; not_found when
  // there is no checkpoint; store_corrupt when all are damaged; disk_full or io when `to` cannot be written.
  Result<FoundCheckpoint> restore_newest(const std::filesystem::path& to) const;

 private:
  struct Search {
    std::optional<FoundCheckpoint> found;
    std::vector<std::string> passed_over;
  };
  template <class DamageOf>
  Result<Search> search(const DamageOf& damage_of) const;

  std::filesystem::path backup_;
  std::string state_version_;
  Partition shard_;
  std::filesystem::path directory_;
};

// Every shard of every state version that has a directory there, in order.
Result<std::vector<ShardCheckpoints>> shards_in(const std::filesystem::path& backup);

// Is it there in its size?
bool is_stored(const InventoryFile& file, const StoredFiles& stored);
// Says which of the inventory's files is not there or has another size; nullopt: all are there.
std::optional<std::string> lack_of(const Inventory& inventory, const StoredFiles& stored);

}  // namespace slipstream
