// Opening a shard's state the shortest way: as it is on the local disk, from the newest checkpoint of the backup
// directory, or empty, to be folded from the log.
#pragma once

#include <memory>
#include <string>

#include "engine/app/deployment.h"
#include "engine/app/output/message.h"
#include "engine/state/rocksdb_store.h"

namespace slipstream {

struct ShardState {
  std::unique_ptr<RocksdbStore> store;
  Severity severity = Severity::warning;
  std::string remark;  // when it comes from the backup directory, or should and does not; else empty
};

// Not before the shard's producer is open: until then its owner of before may still commit. Errors: io (also when
// another process has the state open), disk_full, store_corrupt, log_unavailable.
Result<ShardState> open_shard_state(Deployment& deployment, const Plan& plan, Partition shard);

}  // namespace slipstream
