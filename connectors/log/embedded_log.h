// The log without a broker: RocksDB in a directory, for one process. docs/design/embedded-log.md tells why it
// is laid out as it is.
//
// One process writes; others may open the directory read-only and see what it held at that moment. append()
// and commit() return when their bytes are synced. After an I/O error nothing of the failed call is visible
// and every further write is refused with the same error until the log is opened again. (A write whose sync
// failed may have reached the disk all the same: reopening then shows it whole or not at all, as after a
// crash.)
#pragma once

#include <filesystem>
#include <memory>

#include "engine/log/event_log.h"
#include "engine/state/shared_memory.h"

namespace slipstream {

struct EmbeddedLogOptions {
  bool sync = true;  // false: a power cut may lose what was acknowledged last; kill -9 does not
  std::uint64_t memory_bytes = 64 << 20;  // its own budget, unless it shares one:
  std::shared_ptr<SharedMemory> memory = nullptr;
  bool read_only = false;
};

// Errors: log_unavailable when another process has the directory open for writing, io, disk_full,
// store_corrupt; not_found when opened read-only and there is no log; not_supported when a newer version
// wrote it.
Result<std::unique_ptr<EventLog>> open_embedded_log(const std::filesystem::path& directory,
                                                    const EmbeddedLogOptions& options = {});

}  // namespace slipstream
