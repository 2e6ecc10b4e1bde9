// How each Family of a store is laid out in RocksDB. Only .cpp files include this.
#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "engine/state/shared_memory.h"

namespace slipstream {

// One descriptor per Family, in the families' order; RocksDB's own `default` family stands last, unused.
std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const SharedMemory& memory);

}  // namespace slipstream
