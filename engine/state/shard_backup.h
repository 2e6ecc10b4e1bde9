// The writer of one shard's checkpoints to the backup directory (backup.h says what is there).
//
// begin() makes a checkpoint of the store beside it, between two commits; copy() brings to the backup what it
// lacks: table files never change, so each is copied once. Order: table files, small files, then the
// inventory; each grows under a temporary name, is synced and renamed. So a crash at any instant leaves whole
// checkpoints, and files that nothing lists.
//
// Another instance may believe that it runs the same shard. Its commits fail, so its store is never ahead of
// the log and its checkpoints are as good as ours; what matters is that neither takes away a file the other
// needs. Equal names have equal bytes, so writing one twice does no harm. A file is taken for copied only
// when the newest inventory in place lists it. Removed are only files that an inventory listed which goes
// now, and those nothing lists for a day. After the inventory is in place its files are looked for once more,
// and copied again where they are missing. What still slips through (an instance that stood still for several
// rounds of the other) is noticed by whoever restores, who takes the checkpoint before.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/backup.h"
#include "engine/state/rocksdb_store.h"

namespace slipstream {

struct ShardBackupOptions {
  std::filesystem::path backup;  // must be there
  std::string state_version;
  Partition shard;
  // Where begin() makes its checkpoint: beside the store, on the same file system. Belongs to this object.
  std::filesystem::path checkpoint;
  int keep = 2;  // checkpoints, from 1; with one, damage to it is loss of the backup
};

struct BackupOutcome {
  enum class End : std::uint8_t {
    kept,
    superseded,  // `keep` newer ones are there, of somebody else: this one was not copied
    stopped,
  };
  End end = End::kept;
  CommitSequence sequence;
  std::uint64_t bytes = 0;  // of the checkpoint
  std::uint64_t bytes_copied = 0;
  std::size_t files_copied = 0;
};

// Digests of the table files of the store's last checkpoint: while a name means the same file, it holds the
// same bytes and need not be read again.
class TableDigests {
 public:
  std::optional<FileDigest> find(const std::filesystem::path& table) const;
  void replace(const std::filesystem::path& checkpoint, const std::vector<InventoryFile>& tables);

 private:
  struct Known {
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;  // since 1970
    FileDigest digest;
  };
  std::map<std::string, Known> known_;
};

class ShardBackup {
 public:
  explicit ShardBackup(ShardBackupOptions options);
  ~ShardBackup();  // after copy() has returned
  ShardBackup(const ShardBackup&) = delete;
  ShardBackup& operator=(const ShardBackup&) = delete;

  // From begin() until copy() has returned. Any thread.
  bool busy() const { return busy_.load(); }

  // On the shard's thread, not while busy. `sequence` is that of the last commit applied to the store.
  // Short if store.flush() has run on another thread just before. Removes first what a crash has left at
  // options.checkpoint.
  // Errors: disk_full, io; nothing is left of it then.
  Result<> begin(const RocksdbStore& store, CommitSequence sequence);

  // On another thread, once after each begin(): the slow part. In any case it leaves no checkpoint beside the
  // store. Errors: not_found (no backup directory), disk_full, io; the checkpoints before are untouched.
  Result<BackupOutcome> copy();

  // Lets a copy() that runs return after the file it is at, and later ones at once. Any thread.
  void stop() { stopping_.store(true); }

 private:
  const ShardBackupOptions options_;
  const ShardCheckpoints checkpoints_;
  const std::string writer_;  // a name of its own among all writers, for what is not whole yet
  std::atomic<bool> busy_{false};
  std::atomic<bool> stopping_{false};
  // Handed over by begin() to copy().
  CommitSequence sequence_;
  Timestamp made_at_;
  // Of copy() alone.
  TableDigests digests_;
};

}  // namespace slipstream
