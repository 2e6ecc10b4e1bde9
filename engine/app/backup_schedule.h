// Brings a shard's checkpoints to the backup directory, so often as configured. The shard's thread only makes the
// checkpoint, between two commits; what takes long goes on beside it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "engine/state/rocksdb_store.h"
#include "engine/state/shard_backup.h"

namespace slipstream {

class BackupSchedule {
 public:
  // `remark`: called by another thread when a backup fails; the next is tried in its time.
  BackupSchedule(const RocksdbStore& store, ShardBackupOptions options, Duration every,
                 std::function<void(const std::string&)> remark);
  ~BackupSchedule();  // stops what is being copied, and waits for it
  BackupSchedule(const BackupSchedule&) = delete;
  BackupSchedule& operator=(const BackupSchedule&) = delete;

  // Between two commits, the last of which is `sequence`; on the shard's thread. Errors: those of begin().
  Result<> after_commit(CommitSequence sequence);

 private:
  enum class Stage : std::uint8_t { waiting, flushing, flushed, copying };

  void run_beside(std::function<void()> work);

  const RocksdbStore& store_;
  const std::chrono::microseconds every_;
  const std::function<void(const std::string&)> remark_;
  ShardBackup backup_;
  std::atomic<Stage> stage_{Stage::waiting};
  std::chrono::steady_clock::time_point due_at_;
  CommitSequence backed_up_;  // the commit that the last checkpoint was of
  std::thread beside_;
};

}  // namespace slipstream
