#include "engine/state/rocksdb_families.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <string>

#include "engine/state/store.h"

namespace slipstream {
namespace {

// How the shard asks for a family's keys.
enum class Access {
  point,       // by whole key, and the key may well be absent: a filter on every level
  point_hits,  // by whole key that almost always exists: no filter on the last level, a tenth of the memory
  ranges       // mostly scans
};

Access access_of(Family family) {
  switch (family) {
    case Family::entities:
    case Family::sequences:
    case Family::waiting:
      return Access::point;
    case Family::rows:
    case Family::partials:
    case Family::totals:
    case Family::alerts:
      return Access::point_hits;
    case Family::meta:
    case Family::timers:
    case Family::reference:
      return Access::ranges;
  }
  return Access::ranges;
}

rocksdb::BlockBasedTableOptions table_options(const SharedMemory& memory, Access access) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = memory.block_cache();
  table.block_size = std::size_t{16} << 10;
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;  // so that they count in the budget
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  if (access != Access::ranges) {
    // Bloom in the small short-lived upper levels, Ribbon (30 % smaller, slower to build) below.
    table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10, 1));
    table.whole_key_filtering = true;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  return table;
}

rocksdb::ColumnFamilyOptions family_options(const SharedMemory& memory, Access access) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.write_buffer_size =
      std::clamp<std::size_t>(memory.bytes_max() / 12, std::size_t{1} << 20, std::size_t{64} << 20);
  options.max_write_buffer_number = 3;
  // Ten families in each of many shards: an arena block of the usual 1 MiB would spend the budget on empty
  // memtables.
  options.arena_block_size = std::size_t{32} << 10;
  options.target_file_size_base = std::uint64_t{64} << 20;
  options.max_bytes_for_level_base = std::uint64_t{256} << 20;
  options.optimize_filters_for_hits = access == Access::point_hits;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(memory, access)));
  return options;
}

}  // namespace

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const SharedMemory& memory) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::size_t index = 0; index < kFamilyCount; ++index) {
    const auto family = static_cast<Family>(index);
    descriptors.emplace_back(std::string(name_of(family)), family_options(memory, access_of(family)));
  }
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(memory, Access::ranges));
  return descriptors;
}

}  // namespace slipstream
