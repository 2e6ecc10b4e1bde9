// The embedded log's RocksDB: what is read from it and the batches written to it, in the log's own terms.
// Only .cpp files include this: it brings RocksDB's headers. Thread-safe.
#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/log/embedded_format.h"
#include "connectors/log/embedded_log.h"
#include "engine/state/rocksdb_database.h"

namespace slipstream {

// Changes that reach the disk together.
class StorageBatch {
 public:
  explicit StorageBatch(const RocksdbDatabase& database) : database_(&database) {}

  void put_block(PartitionId partition, Offset last, const RecordBlock& block);
  void remove_block(PartitionId partition, Offset last);
  void put_meta(const std::string& key, const std::string& value);
  bool empty() const { return batch_.Count() == 0; }

 private:
  friend class EmbeddedStorage;
  const RocksdbDatabase* database_;
  rocksdb::WriteBatch batch_;
};

class EmbeddedStorage {
 public:
  static Result<std::unique_ptr<EmbeddedStorage>> open(const std::filesystem::path& directory,
                                                       const EmbeddedLogOptions& options);

  StorageBatch batch() const { return StorageBatch(*database_); }
  Result<> write(StorageBatch& batch, bool sync) const;

  Result<std::vector<StoredTopic>> topics() const;
  // As stored, `end` raised to what the blocks show.
  Result<PartitionMarks> marks(PartitionId partition) const;
  Result<CommittedPositions> positions(std::string_view group, std::string_view member) const;

  // Visits the summaries of blocks that hold offsets at or beyond `from`, in order, until it returns false.
  Result<> summaries(PartitionId partition, Offset from,
                     const std::function<bool(const BlockSummary&)>& visit) const;
  // nullopt when the block is gone: merged into a later one, or beyond retention.
  Result<std::optional<OpenBlock>> block(PartitionId partition, Offset last) const;

  std::uint64_t memory_bytes_max() const { return database_->memory().bytes_max(); }

  // Makes RocksDB forget removed blocks up to `last` now: a blob file without a block left goes.
  Result<> drop_keys(PartitionId partition, Offset last) const;
  // Rewrites the blob files without their garbage when that is at least half of them.
  Result<> reclaim() const;

 private:
  EmbeddedStorage(std::shared_ptr<RocksdbDatabase> database, std::string what)
      : database_(std::move(database)), what_(std::move(what)) {}

  Result<> check_format(bool read_only) const;
  Result<std::optional<std::string>> meta(const std::string& key) const;
  Result<Offset> end_of_blocks(PartitionId partition) const;
  tl::unexpected<Error> damaged(std::string_view part) const;

  const std::shared_ptr<RocksdbDatabase> database_;
  const std::string what_;  // "the log in /data/log"
};

}  // namespace slipstream
