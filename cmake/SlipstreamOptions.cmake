# Build-wide settings: language level, warnings, sanitizers, compiler cache, linker.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # __int128 is an extension and the engine's decimal stands on it
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(SLIPSTREAM_BUILD_TESTS "Build the tests" ON)
option(SLIPSTREAM_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(SLIPSTREAM_BUILD_FUZZERS "Build the libFuzzer targets (clang)" OFF)
set(SLIPSTREAM_SANITIZE "" CACHE STRING "Sanitizers to compile with, as -fsanitize= takes them")
option(SLIPSTREAM_COVERAGE "Compile with coverage counters" OFF)
option(SLIPSTREAM_CRASH_POINTS "Let tests end the process at named points (engine/base/crash_point.h)" OFF)
option(SLIPSTREAM_PRECOMPILE "Precompile the headers that nearly every source reads; off proves that includes are complete" OFF)

# Built with Node.js and npm. Sanitizers have nothing to say about it.
if(SLIPSTREAM_SANITIZE)
  set(console_by_default OFF)
else()
  set(console_by_default ON)
endif()
option(SLIPSTREAM_CONSOLE "Build the web console's page into the program" ${console_by_default})

# The sanitizers' presets do so. Names in anonymous namespaces must then differ within a target.
option(SLIPSTREAM_UNITY "Compile the sources of a target several at a time: less to read, more to compile again" OFF)
if(SLIPSTREAM_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
endif()

add_library(slipstream_flags INTERFACE)
target_compile_options(slipstream_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these in inlined library code where no defect is.
  target_compile_options(slipstream_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
target_compile_options(slipstream_flags INTERFACE -Wno-pedantic)
target_include_directories(slipstream_flags INTERFACE ${PROJECT_SOURCE_DIR})

if(SLIPSTREAM_CRASH_POINTS)
  add_compile_definitions(SLIPSTREAM_CRASH_POINTS)
endif()
if(SLIPSTREAM_SANITIZE)
  add_compile_options(-fsanitize=${SLIPSTREAM_SANITIZE} -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${SLIPSTREAM_SANITIZE})
endif()
if(SLIPSTREAM_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link) # counters that guide the mutations; the targets link libFuzzer
endif()
if(SLIPSTREAM_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_program(SLIPSTREAM_CCACHE ccache)
if(SLIPSTREAM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SLIPSTREAM_CCACHE})
  if(SLIPSTREAM_PRECOMPILE)
    # ccache keeps what was compiled with a precompiled header only when told that it may.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SLIPSTREAM_CCACHE})
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
  endif()
  set(CMAKE_C_COMPILER_LAUNCHER ${SLIPSTREAM_CCACHE})
endif()
find_program(SLIPSTREAM_MOLD mold)
if(SLIPSTREAM_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
