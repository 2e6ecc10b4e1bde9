# Optimising what instruments itself takes longer than running it: tests under a sanitizer go without. What they test does
# not.
if(SLIPSTREAM_SANITIZE)
  set(SLIPSTREAM_TEST_OPTIONS -O0)
endif()

# Precompiled headers: three quarters of a compilation is reading these. One for libraries and one for test programs,
# since position-independent code differs between the two.
if(SLIPSTREAM_PRECOMPILE)
  set(SLIPSTREAM_PRECOMPILED_HEADERS <algorithm> <array> <filesystem> <fstream> <functional> <map> <memory> <optional> <set> <span>
      <string> <string_view> <unordered_map> <variant> <vector> <boost/multiprecision/cpp_int.hpp> <fmt/format.h>
      <tl/expected.hpp>)
  set(precompiled_source ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp)
  file(CONFIGURE OUTPUT ${precompiled_source} CONTENT "int main() {}\n")
  add_library(slipstream_precompiled STATIC ${precompiled_source})
  target_link_libraries(slipstream_precompiled PRIVATE slipstream_flags fmt::fmt)
  target_precompile_headers(slipstream_precompiled PRIVATE ${SLIPSTREAM_PRECOMPILED_HEADERS})
  if(SLIPSTREAM_BUILD_TESTS)
    add_executable(slipstream_precompiled_tests ${precompiled_source})
    target_link_libraries(slipstream_precompiled_tests PRIVATE slipstream_flags fmt::fmt GTest::gtest_main GTest::gmock rapidcheck)
    target_compile_options(slipstream_precompiled_tests PRIVATE ${SLIPSTREAM_TEST_OPTIONS})
    target_precompile_headers(slipstream_precompiled_tests PRIVATE ${SLIPSTREAM_PRECOMPILED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>
                              <rapidcheck.h> <rapidcheck/gtest.h>)
  endif()
endif()

# slipstream_library(name SOURCES a.cpp ... DEPENDS lib ... PRIVATE lib ...)
function(slipstream_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE slipstream_flags ${ARG_PRIVATE})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  if(SLIPSTREAM_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM slipstream_precompiled)
  endif()
endfunction()

# slipstream_test(name SOURCES a_test.cpp ... DEPENDS lib ... [LABELS l ...] [TIMEOUT seconds])
# One binary, one ctest entry per GoogleTest case. Labels with a meaning: `slow` keeps a test away from the sanitizers,
# `threads` runs it under the thread sanitizer as well. The targets tests_sanitized and tests_threads build those.
function(slipstream_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT;COST" "SOURCES;DEPENDS;LABELS;FIXTURES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(SLIPSTREAM_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 4")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE slipstream_flags ${ARG_DEPENDS} GTest::gtest_main GTest::gmock)
  target_compile_options(${name} PRIVATE ${SLIPSTREAM_TEST_OPTIONS})
  if(SLIPSTREAM_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM slipstream_precompiled_tests)
  endif()
  target_compile_definitions(${name} PRIVATE SLIPSTREAM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             SLIPSTREAM_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(NOT "slow" IN_LIST ARG_LABELS)
    slipstream_group_test(tests_sanitized ${name})
  endif()
  if("threads" IN_LIST ARG_LABELS)
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/thread_sanitizer_suppressions.cpp)
    slipstream_group_test(tests_threads ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  # gtest_discover_tests() takes a list apart on its way, so labels are set when the tests are known.
  if(NOT ARG_COST)
    set(ARG_COST 0)  # the most costly tests begin first
  endif()
  if(ARG_LABELS OR ARG_FIXTURES OR ARG_COST)
    set(labels_file ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
    file(WRITE ${labels_file} "foreach(test IN LISTS ${name}_TESTS)\n"
                              "  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${ARG_LABELS}\"\n"
                              "    FIXTURES_REQUIRED \"${ARG_FIXTURES}\" COST ${ARG_COST})\n"
                              "endforeach()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels_file})
  endif()
endfunction()

function(slipstream_group_test group name)
  if(NOT TARGET ${group})
    add_custom_target(${group})
  endif()
  add_dependencies(${group} ${name})
endfunction()
