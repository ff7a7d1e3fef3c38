#include "capi/border.hpp"
#include "core/base/crc32.hpp"
#include "core/base/error_name.hpp"

namespace sb::capi {

// A result of core's is its Error, number by number.
#define SB_SAME(c, cpp) static_assert(to_c(Error::cpp) == SWITCHBACK_##c)
SB_SAME(OK, none);
SB_SAME(IO, io);
SB_SAME(UNALIGNED, unaligned);
SB_SAME(OUT_OF_RANGE, out_of_range);
SB_SAME(UNREADABLE, unreadable);
SB_SAME(POWER_LOST, power_lost);
SB_SAME(READBACK, readback);
SB_SAME(LOW_BATTERY, low_battery);
SB_SAME(TRUNCATED, truncated);
SB_SAME(MALFORMED, malformed);
SB_SAME(NON_CANONICAL, non_canonical);
SB_SAME(DUPLICATE_KEY, duplicate_key);
SB_SAME(UNSUPPORTED, unsupported);
SB_SAME(TOO_LARGE, too_large);
SB_SAME(OVERFLOW, overflow);
SB_SAME(TRAILING_DATA, trailing_data);
SB_SAME(BAD_DIGEST, bad_digest);
SB_SAME(BAD_PATCH, bad_patch);
SB_SAME(BAD_SIGNATURE, bad_signature);
SB_SAME(UNKNOWN_KEY, unknown_key);
SB_SAME(WRONG_CLASS, wrong_class);
SB_SAME(WRONG_SOURCE, wrong_source);
SB_SAME(OLDER, older);
SB_SAME(BELOW_FLOOR, below_floor);
SB_SAME(COUNTER_MISMATCH, counter_mismatch);
SB_SAME(NO_DECODER, no_decoder);
SB_SAME(WRONG_ADDRESS, wrong_address);
SB_SAME(NOT_CONFIRMED, not_confirmed);
SB_SAME(NOT_RUNNING, not_running);
SB_SAME(BAD_STATE, bad_state);
SB_SAME(UNSIGNED_IMAGE, unsigned_image);
SB_SAME(IMAGE_MISMATCH, image_mismatch);
SB_SAME(WRONG_HEADER, wrong_header);
SB_SAME(NO_WAY_BACK, no_way_back);
SB_SAME(TRIES_EXHAUSTED, tries_exhausted);
SB_SAME(SLOT_INVALID, slot_invalid);
SB_SAME(ACTIVE_INVALID, active_invalid);
SB_SAME(JOURNAL_LOST, journal_lost);
SB_SAME(NOTHING_BOOTABLE, nothing_bootable);
#undef SB_SAME

Result<void> from_callback(int answer) {
    if (answer == SWITCHBACK_OK) return {};
    // The widest number that has a name; gaps below it are harmless, and only told as what they are.
    if (answer < 0 || answer > SWITCHBACK_NOTHING_BOOTABLE) return fail(Error::io);
    return fail(static_cast<Error>(answer));
}

}  // namespace sb::capi

extern "C" {

const char* switchback_result_name(switchback_result result) {
    const auto number = static_cast<unsigned>(result);
    if (number == SWITCHBACK_OK) return "ok";
    if (number == SWITCHBACK_BAD_ARGUMENT) return "bad_argument";
    if (number > SWITCHBACK_NOTHING_BOOTABLE) return "unknown";
    return sb::error_name(static_cast<sb::Error>(number));
}

uint32_t switchback_crc32(const void* data, size_t bytes, uint32_t crc) {
    if (!sb::capi::is_range(data, bytes)) return crc;
    return sb::crc32(sb::capi::bytes_of(data, bytes), crc);
}

}  // extern "C"
