// RocksDB's statuses in the words of this project, for the stores and the embedded log alike.
#pragma once

#include <string_view>

#include "engine/base/error.h"

namespace rocksdb {
class Status;
}

namespace slipstream {

// What failed, e.g. "the state in /data/shard-3" and "cannot be opened". The code is disk_full,
// store_corrupt, `in_use` when another process (or this one) has the directory open for writing, or io.
Error error_of(const rocksdb::Status& status, std::string_view what, std::string_view failed,
               ErrorCode in_use = ErrorCode::io);

}  // namespace slipstream
