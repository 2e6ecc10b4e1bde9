// How often a benchmark runs while its instructions are counted (instructions.py): a number of its own, so that every
// run executes the same instructions. Else Google Benchmark chooses by time.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdlib>

namespace slipstream::bench {

// BENCHMARK(f)->Apply(counted<1000>). So many that what the first iterations alone do, as filling memory, does not show.
template <int iterations>
void counted(benchmark::internal::Benchmark* benchmark) {
  if (std::getenv("SLIPSTREAM_COUNT_INSTRUCTIONS") != nullptr) benchmark->Iterations(iterations);
}

// The baseline says which compiler made it.
inline const bool kCompilerIsTold = (benchmark::AddCustomContext("compiler", __VERSION__), true);

}  // namespace slipstream::bench
