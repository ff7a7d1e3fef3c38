# Helpers for the rooms: one call declares a library, its tests and what it may lean on.

# One compiler cache for every preset, host and device. Flags live in sb_flags / sb_core_flags, so a room's own
# CMakeLists.txt never names a compiler option.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(sb_flags INTERFACE)
target_include_directories(sb_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(sb_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion
  -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual> -Wcast-align -Wundef
  # libstdc++ 12 sorts with what it calls deprecated itself; g++ knows that, and still tells of ours.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  # At -O3 g++ 12 follows std::vector into sizes that cannot be; the sanitizers look for what these would tell.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds
  -Wno-restrict>)
if(SB_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize=vptr)  # vptr needs RTTI, which core has not
  target_compile_options(sb_flags INTERFACE ${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sb_flags INTERFACE ${sanitizers})
endif()
# Tests and the command under sanitizers wait for the compiler, not for the processor: what they call is optimised.
add_library(sb_quick_to_compile INTERFACE)
if(SB_SANITIZE)
  target_compile_options(sb_quick_to_compile INTERFACE -O0)
endif()
if(SB_FUZZ)
  # Every library is instrumented; only the fuzzers themselves link libFuzzer's main.
  target_compile_options(sb_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What core is compiled with everywhere: no exceptions, no RTTI, nothing that a bootloader lacks.
add_library(sb_core_flags INTERFACE)
target_link_libraries(sb_core_flags INTERFACE sb_flags)
target_compile_options(sb_core_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
if(SB_COVERAGE)
  # Only core is instrumented: what its tests lean on compiles as in the dev build and comes out of the cache.
  # Encoders try patches on two threads: counters that are not atomic come out negative.
  target_compile_options(sb_core_flags INTERFACE --coverage -fprofile-update=atomic -O1 -fno-inline)
  target_link_options(sb_flags INTERFACE --coverage)
endif()

# All tests of rooms of core, which is what coverage is counted over.
add_custom_target(core_tests)

# sb_core_room(NAME SOURCES … [DEPS room…] [TESTS …] [TEST_DEPS target…])
# A room of core/: library sb_<name>; its tests become one executable, <name>_test.
function(sb_core_room name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPS;TESTS;TEST_DEPS" ${ARGN})
  add_library(sb_${name} STATIC ${R_SOURCES})
  target_link_libraries(sb_${name} PRIVATE sb_core_flags)
  target_include_directories(sb_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  foreach(dep ${R_DEPS})
    target_link_libraries(sb_${name} PUBLIC sb_${dep})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY SB_CORE_ROOMS sb_${name})
  if(R_TESTS AND NOT SB_DEVICE)
    sb_test(${name}_test SOURCES ${R_TESTS} DEPS sb_${name} ${R_TEST_DEPS} LABELS core)
    add_dependencies(core_tests ${name}_test)
  endif()
endfunction()

# sb_core_archive(): libswitchback_core.a, all rooms of core in one archive; what a port links.
function(sb_core_archive)
  get_property(rooms GLOBAL PROPERTY SB_CORE_ROOMS)
  foreach(room ${rooms})
    list(APPEND objects $<TARGET_OBJECTS:${room}>)
  endforeach()
  add_library(switchback_core STATIC ${objects})
  set_target_properties(switchback_core PROPERTIES LINKER_LANGUAGE CXX ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()

# sb_library(NAME SOURCES … [DEPS target…] [UNITY]): a host library (exceptions allowed) called NAME. UNITY: its files
# lean on headers that cost more than they do, so they are compiled together.
function(sb_library name)
  cmake_parse_arguments(R "UNITY" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${R_SOURCES})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${R_UNITY} UNITY_BUILD_BATCH_SIZE 5)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE sb_flags PUBLIC ${R_DEPS})
endfunction()

# sb_c(TARGET): a program or library whose own files are C11.
function(sb_c target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>)
  target_link_libraries(${target} PRIVATE sb_flags)
endfunction()

# sb_test(NAME SOURCES … [DEPS target…] [LABELS …]): a GoogleTest executable, its cases registered with ctest.
# Label `long` marks what runs only in the dev build, not again under sanitizers and coverage.
function(sb_test name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${R_SOURCES})
  # What GoogleTest's headers cost is paid once for several files.
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  target_link_libraries(${name} PRIVATE sb_flags sb_quick_to_compile ${R_DEPS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE SB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT R_LABELS)
    set(R_LABELS unit)
  endif()
  if(SB_SANITIZE OR SB_COVERAGE)
    # To start a program with sanitizers for each case takes longer than most cases.
    foreach(half 0 1)
      add_test(NAME ${name}.${half} COMMAND ${name})
      set_tests_properties(${name}.${half} PROPERTIES LABELS "${R_LABELS}" TIMEOUT 900
        ENVIRONMENT "GTEST_TOTAL_SHARDS=2;GTEST_SHARD_INDEX=${half}")
    endforeach()
  else()
    gtest_discover_tests(${name} NO_PRETTY_VALUES PROPERTIES LABELS "${R_LABELS}" TIMEOUT 300 DISCOVERY_TIMEOUT 60)
  endif()
endfunction()

# sb_bench(NAME SOURCES … [DEPS target…]): a Google Benchmark executable that `make bench` runs.
function(sb_bench name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${R_SOURCES})
  target_link_libraries(${name} PRIVATE sb_flags ${R_DEPS} benchmark::benchmark_main)
  set_property(GLOBAL APPEND_STRING PROPERTY SB_BENCHES "${name}\t$<TARGET_FILE:${name}>\n")
endfunction()

# sb_fuzzer(NAME SOURCES … [DEPS target…] [MAX_LEN bytes]): the libFuzzer target fuzz_<name>; its kept inputs are
# <folder>/seeds, its tokens <folder>/tokens.dict if there is one. Without SB_FUZZ there is nothing to build.
function(sb_fuzzer name)
  if(NOT SB_FUZZ)
    return()
  endif()
  cmake_parse_arguments(R "" "MAX_LEN" "SOURCES;DEPS" ${ARGN})
  set(target fuzz_${name})
  set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/seeds)
  add_executable(${target} ${R_SOURCES})
  target_link_libraries(${target} PRIVATE sb_flags ${R_DEPS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  target_compile_definitions(${target} PRIVATE SB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT R_MAX_LEN)
    set(R_MAX_LEN 4096)
  endif()
  set_property(GLOBAL APPEND_STRING PROPERTY SB_FUZZERS
    "${name}\t$<TARGET_FILE:${target}>\t${CMAKE_CURRENT_SOURCE_DIR}\t${R_MAX_LEN}\n")
  # What was once found stays found: each kept input is run once with every test run.
  add_test(NAME ${target}.seeds COMMAND ${target} -runs=0 -max_len=${R_MAX_LEN} ${seeds})
  set_tests_properties(${target}.seeds PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()

# sb_write_lists(): what the scripts need to know of this build: fuzzers.txt and benches.txt, one target a line.
function(sb_write_lists)
  get_property(fuzzers GLOBAL PROPERTY SB_FUZZERS)
  get_property(benches GLOBAL PROPERTY SB_BENCHES)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzzers.txt CONTENT "${fuzzers}")
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/benches.txt CONTENT "${benches}")
endfunction()
