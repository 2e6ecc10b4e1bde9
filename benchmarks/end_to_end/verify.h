// Reads back what a run has committed and holds it against what the workload must come to.
#pragma once

#include <filesystem>

#include "benchmarks/end_to_end/workload.h"
#include "engine/base/error.h"

namespace slipstream::bench {

// Is there a state of these definitions, as this engine numbers them? One of an older engine would be folded
// anew.
bool has_state(const std::filesystem::path& data, const std::filesystem::path& definitions);

// Error internal that names the first figure of the root that differs.
Result<> verify(const std::filesystem::path& data, const std::filesystem::path& definitions,
                std::string_view view, std::string_view root, const Totals& expected);

}  // namespace slipstream::bench
