// Calls of operator new by this thread; counted_new.cpp replaces it for the whole test binary.
#pragma once

#include <cstddef>

namespace slipstream::testing {

std::size_t allocations();

}  // namespace slipstream::testing
