# The example application of the boards: one program a version and a temper.
# sb_board_app(NAME LAYOUT VERSION TEMPER [SCRIPT]): TEMPER is the name of one of temper_*.cpp; SCRIPT is app_b for a build
# that runs in slot B.
function(sb_board_app name layout version temper)
  set(here ${PROJECT_SOURCE_DIR}/examples/board_app)
  add_executable(${name} ${here}/main.cpp ${here}/temper_${temper}.cpp ${SB_BOARD_SOURCES} ${SB_BOARD_APP_SOURCES}
    ${SB_BOARD_JUMP} ${PROJECT_SOURCE_DIR}/ports/identity.cpp)
  target_compile_definitions(${name} PRIVATE APP_VERSION="${version}")
  set(script app)
  if(ARGN)
    set(script ${ARGN})
  endif()
  sb_board_program(${name} ${layout} ${script})
  target_link_libraries(${name} PRIVATE sb_bearssl sb_boot gcc)
endfunction()

# sb_monitor_app(NAME LAYOUT VERSION starts|crashes): the same with the cold-room monitor of examples/app as its program, for
# boards with an nRF51.
include(${PROJECT_SOURCE_DIR}/examples/app/sources.cmake)
function(sb_monitor_app name layout version start)
  set(here ${PROJECT_SOURCE_DIR}/examples/board_app)
  set(monitor ${PROJECT_SOURCE_DIR}/examples/app)
  list(TRANSFORM APP_SOURCES PREPEND ${monitor}/ OUTPUT_VARIABLE sources)
  add_executable(${name} ${here}/main.cpp ${here}/monitor.cpp ${here}/monitor_${start}.cpp ${sources}
    ${monitor}/board/nrf51/clock.cpp ${monitor}/board/nrf51/image_info.cpp ${SB_BOARD_SOURCES} ${SB_BOARD_APP_SOURCES}
    ${SB_BOARD_JUMP} ${PROJECT_SOURCE_DIR}/ports/identity.cpp)
  app_version(${name} ${version})
  target_compile_definitions(${name} PRIVATE APP_VERSION="${version}")
  target_include_directories(${name} PRIVATE ${monitor})
  sb_board_program(${name} ${layout} app)
  target_link_options(${name} PRIVATE -Wl,--defsym=app_image_start=sb_vectors)
  target_link_libraries(${name} PRIVATE sb_bearssl sb_boot gcc)
  set(image $<TARGET_FILE_DIR:${name}>/${name})
  add_custom_command(TARGET ${name} POST_BUILD COMMAND ${monitor}/scripts/stamp_image.py ${image}.bin ${image}.stamped
    COMMAND ${CMAKE_COMMAND} -E rename ${image}.stamped ${image}.bin)
endfunction()
