// Opening a RocksDB the way every database of the project is opened, and closing it again. Only .cpp files
// include this: it brings RocksDB's headers.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/state/shared_memory.h"

namespace slipstream {

// An open database and the handles of its column families, in the order they were asked for.
class RocksdbDatabase {
 public:
  RocksdbDatabase(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families,
                  std::shared_ptr<SharedMemory> memory);
  ~RocksdbDatabase();
  RocksdbDatabase(const RocksdbDatabase&) = delete;
  RocksdbDatabase& operator=(const RocksdbDatabase&) = delete;

  // Whose calls count nothing in this thread: RocksDB counts each comparison of two keys, which nobody reads and takes a
  // quarter of the time of a write.
  rocksdb::DB& db() const {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    return *db_;
  }
  rocksdb::ColumnFamilyHandle* family(std::size_t index) const { return families_.at(index); }
  const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return families_; }
  const SharedMemory& memory() const { return *memory_; }

 private:
  std::shared_ptr<SharedMemory> memory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

// Options common to all: quick to open, quiet, one small info log.
rocksdb::DBOptions database_options(const SharedMemory& memory);

// `what` begins the messages, e.g. "the state in /data/shard-3".
struct DatabaseRequest {
  std::filesystem::path directory;
  std::string what;
  ErrorCode in_use = ErrorCode::io;  // the code when another process has it open for writing
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  std::shared_ptr<SharedMemory> memory;
};

// Creates what is missing.
Result<std::shared_ptr<RocksdbDatabase>> open_database(const DatabaseRequest& request);
// As it is now, beside a process that writes it. not_found when there is no database. (Not RocksDB's
// secondary instance: in 7.8 that reads freed memory when there are blob files.)
Result<std::shared_ptr<RocksdbDatabase>> open_database_read_only(const DatabaseRequest& request);

}  // namespace slipstream
