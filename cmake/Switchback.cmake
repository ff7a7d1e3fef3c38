# Helpers for the rooms: one call declares a library, its tests and what it may lean on.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(sb_flags INTERFACE)
target_include_directories(sb_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(sb_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion
  -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wundef)
if(SB_SANITIZE)
  target_compile_options(sb_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sb_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr)
endif()

# What core is compiled with everywhere: no exceptions, no RTTI, nothing that a bootloader lacks.
add_library(sb_core_flags INTERFACE)
target_link_libraries(sb_core_flags INTERFACE sb_flags)
target_compile_options(sb_core_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
if(SB_COVERAGE)
  target_compile_options(sb_core_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(sb_flags INTERFACE --coverage)
endif()

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
    sb_test(${name}_test SOURCES ${R_TESTS} DEPS sb_${name} ${R_TEST_DEPS})
  endif()
endfunction()

# sb_library(NAME SOURCES … [DEPS target…]): a host library (exceptions allowed) called NAME.
function(sb_library name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${R_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE sb_flags PUBLIC ${R_DEPS})
endfunction()

# sb_test(NAME SOURCES … [DEPS target…] [LABELS …]): a GoogleTest executable, its cases registered with ctest.
function(sb_test name)
  cmake_parse_arguments(R "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${R_SOURCES})
  target_link_libraries(${name} PRIVATE sb_flags ${R_DEPS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE SB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT R_LABELS)
    set(R_LABELS unit)
  endif()
  gtest_discover_tests(${name} PROPERTIES LABELS "${R_LABELS}" TIMEOUT 300 DISCOVERY_TIMEOUT 60)
endfunction()
