// The directory of one measured deployment: an embedded log filled with a workload's events, kept pristine
// between measurements; each one works on a copy.
#pragma once

#include <filesystem>

#include "benchmarks/end_to_end/workload.h"
#include "engine/base/error.h"

namespace slipstream::bench {

// Appends events [from, to) of the workload to the log in `data`, created with `partitions` if there is none.
// Each event reaches the log at its own `time`.
Result<> fill(const std::filesystem::path& data, Workload& workload, std::uint64_t from, std::uint64_t to,
              std::int32_t partitions);

// Copies a deployment that no process has open: files that RocksDB never changes are linked, the others
// copied.
void copy_deployment(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace slipstream::bench
