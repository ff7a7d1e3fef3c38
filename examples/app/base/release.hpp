// Which release this is. The build gives one number, APP_VERSION (x.y.z); what a release contains follows
// from it, here and nowhere else: both releases of the demo are built from one source tree.
#pragma once

#include <cstdint>
#include <string_view>

#ifndef APP_VERSION_MAJOR
#error "the build sets APP_VERSION_MAJOR, APP_VERSION_MINOR and APP_VERSION_PATCH"
#endif

namespace app::release {

inline constexpr unsigned major = APP_VERSION_MAJOR;
inline constexpr unsigned minor = APP_VERSION_MINOR;
inline constexpr unsigned patch = APP_VERSION_PATCH;

[[nodiscard]] constexpr bool at_least(unsigned want_major, unsigned want_minor) {
    return major > want_major || (major == want_major && minor >= want_minor);
}

/// 1.1: hourly statistics and a `trend` command.
inline constexpr bool has_trend = at_least(1, 1);
/// 1.1: periodic tasks keep their phase; before, each late start moved all later ones.
inline constexpr bool keeps_phase = at_least(1, 1);
/// 1.1: a door left open no longer lets the compressor run against it.
inline constexpr bool door_stops_compressor = at_least(1, 1);
/// 1.1: Modbus function 23, read and write in one request.
inline constexpr bool has_read_write_registers = at_least(1, 1);
/// 1.1: the log record has its time last, so that a record is 12 bytes without a hole.
inline constexpr bool packed_log_record = at_least(1, 1);

inline constexpr std::string_view product = "Fjord cold-room monitor";

}  // namespace app::release
