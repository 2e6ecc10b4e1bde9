// Where a simulation's faults come from: one function that chooses numbers. A seed, a recorded list or a
// search over all choices can stand behind it; the same choices give the same run.
#pragma once

#include <cstdint>
#include <functional>

namespace slipstream {

// A number in [0, bound); bound is at least 1.
using Choose = std::function<std::uint64_t(std::uint64_t bound)>;

// SplitMix64 from the seed.
Choose choose_from_seed(std::uint64_t seed);

// How often a fault happens: once in so many occasions on average; 0 is never, 1 always.
using OneIn = std::uint32_t;
bool happens(const Choose& choose, OneIn one_in);

}  // namespace slipstream
