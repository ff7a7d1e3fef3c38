# The example application of the boards: one program a version and a temper.
# sb_board_app_program(NAME LAYOUT VERSION SCRIPT RECEIVES source…): what all of them have. RECEIVES names one of
# bootloader/decoders_*.hpp, which the program takes updates with while it works; or nothing: then the bootloader does.
function(sb_board_app_program name layout version script receives)
  set(here ${PROJECT_SOURCE_DIR}/examples/board_app)
  set(bootloader ${PROJECT_SOURCE_DIR}/bootloader)
  set(sources ${here}/no_receive.cpp)
  if(receives)
    set(sources ${here}/receive.cpp ${bootloader}/installation.cpp ${bootloader}/ymodem_transfer.cpp)
    set(SB_NAME ${name})
    set(SB_DECODERS ${receives})
    configure_file(${here}/variant.hpp.in ${PROJECT_BINARY_DIR}/variants/${name}/generated/variant.hpp)
  endif()
  add_executable(${name} ${here}/main.cpp ${sources} ${bootloader}/console.cpp ${ARGN} ${SB_BOARD_SOURCES}
    ${SB_BOARD_APP_SOURCES} ${SB_BOARD_JUMP} ${PROJECT_SOURCE_DIR}/ports/identity.cpp)
  target_include_directories(${name} PRIVATE ${PROJECT_BINARY_DIR}/variants/${name})
  target_compile_definitions(${name} PRIVATE APP_VERSION="${version}")
  sb_board_program(${name} ${layout} ${script})
  target_link_libraries(${name} PRIVATE sb_bearssl sb_boot sb_install sb_delta sb_link gcc)
endfunction()

# sb_board_app(NAME LAYOUT VERSION TEMPER [SCRIPT app_b] [RECEIVES decoders]): TEMPER is the name of one of temper_*.cpp;
# SCRIPT for a build that runs in slot B. One that receives has a heart for its work.
function(sb_board_app name layout version temper)
  cmake_parse_arguments(A "" "SCRIPT;RECEIVES" "" ${ARGN})
  set(here ${PROJECT_SOURCE_DIR}/examples/board_app)
  if(NOT A_SCRIPT)
    set(A_SCRIPT app)
  endif()
  set(sources ${here}/temper_${temper}.cpp)
  if(A_RECEIVES)
    list(APPEND sources ${here}/heart.cpp)
  endif()
  sb_board_app_program(${name} ${layout} ${version} ${A_SCRIPT} "${A_RECEIVES}" ${sources})
endfunction()

# sb_monitor_app(NAME LAYOUT VERSION starts|crashes [RECEIVES decoders]): the same with the cold-room monitor of
# examples/app as its program, for boards with an nRF51.
include(${PROJECT_SOURCE_DIR}/examples/app/sources.cmake)
function(sb_monitor_app name layout version start)
  cmake_parse_arguments(A "" "RECEIVES" "" ${ARGN})
  set(here ${PROJECT_SOURCE_DIR}/examples/board_app)
  set(monitor ${PROJECT_SOURCE_DIR}/examples/app)
  list(TRANSFORM APP_SOURCES PREPEND ${monitor}/ OUTPUT_VARIABLE sources)
  sb_board_app_program(${name} ${layout} ${version} app "${A_RECEIVES}" ${here}/monitor.cpp ${here}/monitor_${start}.cpp
    ${sources} ${monitor}/board/nrf51/clock.cpp ${monitor}/board/nrf51/image_info.cpp)
  app_version(${name} ${version})
  target_include_directories(${name} PRIVATE ${monitor})
  target_link_options(${name} PRIVATE -Wl,--defsym=app_image_start=sb_vectors)
  set(image $<TARGET_FILE_DIR:${name}>/${name})
  add_custom_command(TARGET ${name} POST_BUILD COMMAND ${monitor}/scripts/stamp_image.py ${image}.bin ${image}.stamped
    COMMAND ${CMAKE_COMMAND} -E rename ${image}.stamped ${image}.bin)
endfunction()
