// One memory budget for every RocksDB of the process: the stores of all shards and the embedded log.
//
// The block cache has the budget's size, and the memtables are charged to it: as memtables grow, cached
// blocks go. All memtables together stay within a third; beyond it the store that writes flushes. Index and
// filter blocks live in the cache too. What a read holds while it runs, and a memtable that waits for a slow
// disk, can exceed the budget for a moment: failing the read instead would be worse. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

namespace rocksdb {
class Cache;
class WriteBufferManager;
}  // namespace rocksdb

namespace slipstream {

class SharedMemory {
 public:
  static constexpr std::uint64_t kBytesMin = std::uint64_t{8} << 20;

  explicit SharedMemory(std::uint64_t bytes);  // less than kBytesMin is taken as kBytesMin
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  std::uint64_t bytes_max() const { return bytes_max_; }
  std::uint64_t bytes_used() const;      // cached blocks and memtables
  std::uint64_t memtable_bytes() const;  // the part of it in memtables

  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
  const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const { return write_buffers_; }

 private:
  const std::uint64_t bytes_max_;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
};

}  // namespace slipstream
