# What the monitor is made of, without the board: compiles for the device and for the host.
set(APP_SOURCES
  alarm/alarms.cpp application.cpp base/crc.cpp base/math.cpp base/parse.cpp base/text.cpp bus/modbus.cpp
  bus/registers.cpp config/parameters.cpp config/store.cpp console/commands.cpp console/commands_config.cpp
  console/commands_control.cpp console/commands_info.cpp console/line_editor.cpp control/defrost.cpp
  control/fan.cpp control/thermostat.cpp display/font.cpp display/matrix.cpp filter/biquad.cpp filter/chain.cpp
  filter/coefficients.cpp filter/goertzel.cpp filter/median.cpp filter/moving_average.cpp filter/outlier.cpp
  kernel/scheduler.cpp log/event_log.cpp selftest/known_answers.cpp selftest/ram_march.cpp selftest/selftest.cpp
  sensors/channels.cpp sensors/humidity.cpp sensors/plant.cpp sensors/thermistor.cpp trend/trend.cpp)

# app_version(TARGET x.y.z): the one number that a release is made from.
function(app_version target version)
  if(NOT version MATCHES "^([0-9]+)\\.([0-9]+)\\.([0-9]+)$")
    message(FATAL_ERROR "APP_VERSION is '${version}', not x.y.z")
  endif()
  target_compile_definitions(${target} PUBLIC APP_VERSION_MAJOR=${CMAKE_MATCH_1} APP_VERSION_MINOR=${CMAKE_MATCH_2}
    APP_VERSION_PATCH=${CMAKE_MATCH_3})
endfunction()
