// What a fuzz target is: one function that is given bytes and aborts when a promise is broken. libFuzzer
// calls it in the preset `fuzz`, the replay driver (replay_driver.cpp) in every other build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// A broken promise: prints the condition and the values, then aborts.
#include "engine/base/error.h"
#define FUZZ_PROMISE(condition, values) SLIPSTREAM_INVARIANT(condition, values)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Optional in a target: changes data[0, size) to other bytes of at most `size_max` and returns how many they
// are.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned seed);
// Given to it by whoever runs the target: a mutation that knows nothing of the input.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace slipstream::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace slipstream::fuzz
