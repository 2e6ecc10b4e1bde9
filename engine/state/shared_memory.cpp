#include "engine/state/shared_memory.h"

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

namespace slipstream {
namespace {

std::shared_ptr<rocksdb::Cache> make_cache(std::uint64_t bytes) {
  rocksdb::LRUCacheOptions options;
  options.capacity = bytes;
  // Memtables are charged in pieces of 256 KiB: a cache shard must be large beside that.
  options.num_shard_bits = bytes >= (std::uint64_t{256} << 20) ? 4 : 0;
  options.strict_capacity_limit = false;
  options.high_pri_pool_ratio = 0.3;  // index and filter blocks
  return rocksdb::NewLRUCache(options);
}

}  // namespace

SharedMemory::SharedMemory(std::uint64_t bytes)
    : bytes_max_(std::max(bytes, kBytesMin)),
      block_cache_(make_cache(bytes_max_)),
      write_buffers_(std::make_shared<rocksdb::WriteBufferManager>(bytes_max_ / 3, block_cache_)) {}

SharedMemory::~SharedMemory() = default;

std::uint64_t SharedMemory::bytes_used() const {
  return std::max<std::uint64_t>(block_cache_->GetUsage(), memtable_bytes());
}

std::uint64_t SharedMemory::memtable_bytes() const { return write_buffers_->memory_usage(); }

}  // namespace slipstream
