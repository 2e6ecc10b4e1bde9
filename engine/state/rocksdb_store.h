// The store of production: one RocksDB per shard, one column family per Family.
//
// apply() is one WriteBatch through RocksDB's write-ahead log, which makes it atomic across families and lets
// a crash lose only a suffix of unsynced batches. kill -9 loses nothing that apply() returned; a power cut
// may lose what came after the last synced batch. One process writes; others may read beside it. Threads: any
// may read; apply() and checkpoint() are called by the shard's owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/state/shared_memory.h"
#include "engine/state/store.h"

namespace slipstream {

struct RocksdbStoreOptions {
  // Shared by all stores of the process; null: 64 MiB of its own.
  std::shared_ptr<SharedMemory> memory = nullptr;
};

struct StoreStats {
  std::uint64_t memtable_bytes = 0;
  std::uint64_t table_bytes = 0;    // files on disk, compressed
  std::uint64_t keys_estimate = 0;  // a key counts once for each file and memtable it stands in
  std::uint64_t cache_bytes = 0;    // of the whole SharedMemory
  std::uint64_t pending_compaction_bytes = 0;
  bool writes_stalled = false;
};

class RocksdbStore : public Store {
 public:
  // A copy as of now in a directory that must not exist yet; hard links where the file system allows. Writes
  // memtables to tables first (about 400 ms for 50 MB): what is written is then shared with all later
  // checkpoints, and the write-ahead log need not be in the copy.
  virtual Result<> checkpoint(const std::filesystem::path& directory) const = 0;
  // Writes memtables to tables, beside the owner, who goes on meanwhile: a checkpoint() soon after has little
  // left to write. Any thread. Errors: disk_full, io.
  virtual Result<> flush() const = 0;
  virtual StoreStats stats() const = 0;
};

// Creates the directory when there is none. Errors: io (also when another process has it open), disk_full,
// store_corrupt.
Result<std::unique_ptr<RocksdbStore>> open_rocksdb_store(const std::filesystem::path& directory,
                                                         const RocksdbStoreOptions& options = {});

// What the store held when it was opened; works beside the process that writes it. Error not_found when there
// is none.
Result<std::unique_ptr<StateReader>> open_rocksdb_store_read_only(const std::filesystem::path& directory,
                                                                  const RocksdbStoreOptions& options = {});

}  // namespace slipstream
