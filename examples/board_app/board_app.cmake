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
