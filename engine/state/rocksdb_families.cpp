#include "engine/state/rocksdb_families.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
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
  // A point read unpacks a whole block for one value; a scan uses all of it.
  table.block_size = access == Access::ranges ? std::size_t{16} << 10 : std::size_t{4} << 10;
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;  // so that they count in the budget
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.metadata_cache_options.unpartitioned_pinning =
      rocksdb::PinningTier::kAll;  // a look-up less for each read
  if (access != Access::ranges) {
    // Bloom in the small short-lived upper levels, Ribbon (30 % smaller, slower to build) below.
    table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10, 1));
    table.whole_key_filtering = true;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  return table;
}

// Most keys that are asked for are in no memtable: a filter (10 bits for each key of 100 bytes) spares them
// the search from the top of the skip list, a cache miss for each of its levels. For the families of which
// millions are asked.
void filter_memtable(rocksdb::ColumnFamilyOptions& options) {
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 1.0 / 80;
}

rocksdb::ColumnFamilyOptions family_options(const SharedMemory& memory, Access access) {
  rocksdb::ColumnFamilyOptions options;
  // What changes key by key is read and rewritten far more often than it is kept: packing it would cost more
  // than the half of its disk space is worth.
  options.compression = access == Access::ranges ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  options.write_buffer_size =
      std::clamp<std::size_t>(memory.bytes_max() / 6, std::size_t{1} << 20, std::size_t{64} << 20);
  options.max_write_buffer_number = 3;
  // Keys change all over their range, so a merge of the first level rewrites the whole of the next: it is
  // worth its cost when it takes in much at once.
  options.level0_file_num_compaction_trigger = 8;
  // Ten families in each of many shards: an arena block of the usual 1 MiB would spend the budget on empty
  // memtables.
  options.arena_block_size = std::size_t{32} << 10;
  options.target_file_size_base = std::uint64_t{64} << 20;
  options.max_bytes_for_level_base = std::uint64_t{256} << 20;
  // A batch's keys ascend, so that each goes in beside the one before: no search from the top of the skip
  // list, whose comparisons were most of a commit's cost. Every key has a first byte.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  options.optimize_filters_for_hits = access == Access::point_hits;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(memory, access)));
  return options;
}

}  // namespace

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const SharedMemory& memory) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (std::size_t index = 0; index < kFamilyCount; ++index) {
    const auto family = static_cast<Family>(index);
    auto& descriptor =
        descriptors.emplace_back(std::string(name_of(family)), family_options(memory, access_of(family)));
    if (family == Family::entities || family == Family::rows || family == Family::totals ||
        family == Family::sequences)
      filter_memtable(descriptor.options);
  }
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(memory, Access::ranges));
  return descriptors;
}

}  // namespace slipstream
