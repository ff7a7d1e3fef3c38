# Programs for boards. Offsets come from the layout, by `switchback layout gen`; what a bootloader is made of comes from one
# call here, as types (bootloader/variant.hpp.in), never as #if.
find_program(SB_SWITCHBACK switchback PATHS ${PROJECT_SOURCE_DIR}/build/dev/bin ${PROJECT_SOURCE_DIR}/build/bin
  NO_DEFAULT_PATH REQUIRED DOC "the command that generates linker scripts")

# How a program is left: parts with VTOR take jump_vtor.cpp.
set(SB_BOARD_JUMP ${PROJECT_SOURCE_DIR}/ports/cortex_m/jump.cpp)

# sb_board_layout(LAYOUT): linker scripts and constants of layouts/LAYOUT.toml, or of LAYOUT.toml in the board's own folder, in
# <build>/layouts/LAYOUT/generated.
function(sb_board_layout layout)
  set(folder ${PROJECT_BINARY_DIR}/layouts/${layout}/generated)
  if(TARGET layout_${layout})
    return()
  endif()
  file(MAKE_DIRECTORY ${folder})
  set(toml ${PROJECT_SOURCE_DIR}/layouts/${layout}.toml)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${layout}.toml)
    set(toml ${CMAKE_CURRENT_SOURCE_DIR}/${layout}.toml)
  endif()
  set(made ${folder}/board.hpp ${folder}/boot.ld ${folder}/app.ld)
  # Where either slot runs images at its own address, each has a build of its own.
  file(STRINGS ${toml} own_builds REGEX "^remap = false")
  if(own_builds)
    set(script_b COMMAND ${SB_SWITCHBACK} layout gen ${toml} --program b --ld ${folder}/app_b.ld)
    list(APPEND made ${folder}/app_b.ld)
  endif()
  add_custom_command(OUTPUT ${made}
    COMMAND ${SB_SWITCHBACK} layout gen ${toml} --hpp ${folder}/board.hpp --ld ${folder}/app.ld ${script_b}
    COMMAND ${SB_SWITCHBACK} layout gen ${toml} --program boot --ld ${folder}/boot.ld
    DEPENDS ${toml} ${SB_SWITCHBACK} COMMENT "Layout ${layout}")
  add_custom_target(layout_${layout} DEPENDS ${made})
endfunction()

# sb_board_program(NAME LAYOUT SCRIPT): what bootloaders and applications have in common.
function(sb_board_program name layout script)
  sb_board_layout(${layout})
  set(generated ${PROJECT_BINARY_DIR}/layouts/${layout})
  add_dependencies(${name} layout_${layout})
  target_include_directories(${name} PRIVATE ${generated})
  target_sources(${name} PRIVATE $<TARGET_OBJECTS:sb_cortex_m_memory> ${PROJECT_SOURCE_DIR}/ports/one_layout.cpp)
  target_link_libraries(${name} PRIVATE sb_core_flags)
  target_link_options(${name} PRIVATE -nostartfiles -T ${generated}/generated/${script}.ld -Wl,--gc-sections
    -Wl,--no-warn-rwx-segments -Wl,-Map=$<TARGET_FILE:${name}>.map)
  set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS ${generated}/generated/${script}.ld)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}>/${name}.bin)
endfunction()

# DECODERS names one of bootloader/decoders_*.hpp; CRYPTO a header of ports/bearssl.
# sb_bootloader(NAME LAYOUT layout MOVER type UPDATE type:header DECODERS name [CRYPTO type:header] [SOURCES file…]
#               [WITH library…])
# SOURCES and WITH: what this variant has besides.
function(sb_bootloader name)
  cmake_parse_arguments(B "" "LAYOUT;MOVER;UPDATE;DECODERS;CRYPTO" "SOURCES;WITH" ${ARGN})
  if(NOT B_CRYPTO)
    set(B_CRYPTO BearsslCrypto:bearssl_crypto)
  endif()
  set(SB_NAME ${name})
  set(SB_MOVER ${B_MOVER})
  string(REPLACE ":" ";" update ${B_UPDATE})
  list(GET update 0 SB_UPDATE)
  list(GET update 1 SB_UPDATE_HEADER)
  string(REPLACE ":" ";" crypto ${B_CRYPTO})
  list(GET crypto 0 SB_CRYPTO)
  list(GET crypto 1 SB_CRYPTO_HEADER)
  file(GLOB SB_UPDATE_SOURCES ${PROJECT_SOURCE_DIR}/bootloader/${SB_UPDATE_HEADER}.cpp)
  foreach(file console installation ymodem_transfer)
    list(APPEND SB_UPDATE_SOURCES ${PROJECT_SOURCE_DIR}/bootloader/${file}.cpp)
  endforeach()
  set(SB_DECODERS ${B_DECODERS})
  configure_file(${PROJECT_SOURCE_DIR}/bootloader/variant.hpp.in ${PROJECT_BINARY_DIR}/variants/${name}/generated/variant.hpp)
  add_executable(${name} ${PROJECT_SOURCE_DIR}/bootloader/main.cpp ${SB_BOARD_SOURCES} ${SB_BOOT_SOURCES}
    ${SB_UPDATE_SOURCES} ${B_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_BINARY_DIR}/variants/${name})
  sb_board_program(${name} ${B_LAYOUT} boot)
  target_link_libraries(${name} PRIVATE ${B_WITH} sb_bearssl_whole sb_bearssl sb_boot sb_install sb_delta sb_link gcc)
  target_link_options(${name} PRIVATE ${PROJECT_SOURCE_DIR}/ports/identity.ld)
endfunction()
