# Target `divsufsort`: the suffix sorter, with 32 and with 64 bits an index. Debian has it as shared libraries only. With
# SB_STATIC it is built from build/sources/libdivsufsort if scripts/fetch_source.py has brought that; SB_STANDS_ALONE
# then says that the command can be linked without any shared library.
add_library(divsufsort INTERFACE)
set(divsufsort_source ${PROJECT_SOURCE_DIR}/build/sources/libdivsufsort)
set(SB_STANDS_ALONE OFF)
if(SB_STATIC AND EXISTS ${divsufsort_source}/.fetched)
  set(SB_STANDS_ALONE ON)
endif()

if(NOT SB_STANDS_ALONE)
  if(SB_STATIC)
    message(NOTICE "the command will load libdivsufsort: scripts/fetch_source.py libdivsufsort has not been run")
  endif()
  find_library(DIVSUFSORT divsufsort REQUIRED)
  find_library(DIVSUFSORT64 divsufsort64 REQUIRED)
  target_link_libraries(divsufsort INTERFACE ${DIVSUFSORT} ${DIVSUFSORT64})
  return()
endif()

file(STRINGS ${divsufsort_source}/VERSION divsufsort_version)
foreach(bits 32 64)
  # What its own CMakeLists.txt finds out of this compiler, for the header's template.
  set(W64BIT "")
  if(bits EQUAL 64)
    set(W64BIT 64)
  endif()
  set(INCFILE "#include <inttypes.h>")
  set(SAUCHAR_TYPE uint8_t)
  set(SAINT32_TYPE int32_t)
  set(SAINT_PRId PRId32)
  set(SAINDEX_TYPE int${bits}_t)
  set(SAINDEX_PRId PRId${bits})
  set(headers ${PROJECT_BINARY_DIR}/divsufsort)
  configure_file(${divsufsort_source}/include/divsufsort.h.cmake ${headers}/divsufsort${W64BIT}.h @ONLY)

  set(library divsufsort_${bits})
  add_library(${library} STATIC ${divsufsort_source}/lib/divsufsort.c ${divsufsort_source}/lib/sssort.c
    ${divsufsort_source}/lib/trsort.c)
  target_include_directories(${library} SYSTEM PUBLIC ${headers} PRIVATE ${divsufsort_source}/include)
  target_compile_definitions(${library} PRIVATE NDEBUG INLINE=inline PROJECT_VERSION_FULL="${divsufsort_version}"
    HAVE_INTTYPES_H=1 HAVE_MEMORY_H=1 HAVE_STDDEF_H=1 HAVE_STDLIB_H=1 HAVE_STRING_H=1 HAVE_STRINGS_H=1
    $<$<EQUAL:${bits},64>:BUILD_DIVSUFSORT64>)
  target_compile_options(${library} PRIVATE -O3 -w)
  target_link_libraries(divsufsort INTERFACE ${library})
endforeach()
