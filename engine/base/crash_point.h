// Named points at which a test lets the process die as by `kill -9`, between two steps that a crash must not
// tear apart. Release builds have none (CMake option SLIPSTREAM_CRASH_POINTS).
//
// SLIPSTREAM_CRASH_AT=NAME raises SIGKILL when the point NAME is first passed, NAME:COUNT at its COUNT-th
// passing by any thread. The variable is read once, when the first point is passed.
#pragma once

#include <string_view>

namespace slipstream {

// `name` is what.happened, e.g. "checkpoint.made". Any thread may pass.
#ifdef SLIPSTREAM_CRASH_POINTS
void crash_point(std::string_view name);
#else
constexpr void crash_point(std::string_view) {}
#endif

}  // namespace slipstream
