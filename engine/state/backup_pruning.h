// Removal of what the backup directory no longer needs of a shard (shard_backup.h says what it may not touch).
#pragma once

#include <string>

#include "engine/state/backup.h"

namespace slipstream {

// Keeps the `keep` newest checkpoints whose files are all there, and what is newer than the last of them;
// removes the inventories of the others, then the files that only those list, then files that nothing lists
// and that were a day old when the inventory `just_placed` was written, by the volume's clock.
Result<> prune(const ShardCheckpoints& checkpoints, int keep, const std::string& just_placed);

}  // namespace slipstream
