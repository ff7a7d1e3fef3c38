// core/base: how every room reports failure. Fallible functions return Result<T>; nothing throws.
// An Error is one byte with a stable number, because the journal records it as the cause of a failed
// update and a device reports it years later. Names for people: error_name.hpp.
#pragma once

#include <cstdint>
#include <expected>

namespace sb {

/// Why something was refused or failed. Numbers are part of the journal format: append, never renumber.
enum class Error : std::uint8_t {
    none = 0,

    // flash and ports
    io = 1,            ///< the part or the port reported failure
    unaligned = 2,     ///< offset or length is not a multiple of the granule or of the erase unit
    out_of_range = 3,  ///< beyond the end of the flash, of the region or of the buffer
    unreadable = 4,    ///< ECC: at least one granule of the range cannot be read
    power_lost = 5,    ///< simulator only: the supply is gone, nothing happens any more
    readback = 6,      ///< what was programmed reads differently
    low_battery = 7,   ///< the supply is too low to begin an erase; all goes on by itself when it is not

    // bytes that are not what they claim to be
    truncated = 16,      ///< the input ends too early
    malformed = 17,      ///< not the claimed format
    non_canonical = 18,  ///< CBOR that is valid but not in its only allowed encoding
    duplicate_key = 19,  ///< a CBOR map holds a key twice, or keys out of order
    unsupported = 20,    ///< understood, but outside the strict profile
    too_large = 21,      ///< a size is beyond what this device takes
    overflow = 22,       ///< a computed size does not fit its integer
    trailing_data = 23,  ///< bytes after the end of the input
    bad_digest = 24,     ///< a SHA-256 does not match
    bad_patch = 25,      ///< a patch tries to read or write outside of its bounds

    // the answer is no
    bad_signature = 32,
    unknown_key = 33,       ///< signed by a key that this device does not trust
    wrong_class = 34,       ///< made for another vendor or class of device
    wrong_source = 35,      ///< a delta from an image that this device does not run
    older = 36,             ///< sequence number below that of the confirmed image
    below_floor = 37,       ///< security counter below the floor
    counter_mismatch = 38,  ///< manifest and image name different security counters
    no_decoder = 39,        ///< payload format that this device cannot decode (or not in its RAM)
    wrong_address = 40,     ///< image is bound to an address that is not the slot's
    not_confirmed = 41,     ///< the running image is on trial: its way back may not be overwritten
    not_running = 42,       ///< confirm from an image that is not the one that runs
    bad_state = 43,         ///< the call does not fit the state of the update
    unsigned_image = 44,    ///< no signature that this device could check
    image_mismatch = 45,    ///< manifest and image contradict each other (size, digest, version)
    wrong_header = 47,      ///< image header size is not the layout's
    no_way_back = 48,       ///< nothing could undo the update, and the layout does not accept that

    // what the bootloader decided, and why
    tries_exhausted = 64,   ///< not confirmed within its trial boots: switched back
    slot_invalid = 65,      ///< the pending image does not verify any more
    active_invalid = 66,    ///< the active image does not verify: the backup was started
    journal_lost = 67,      ///< no record was left: state recovered from the content of the slots
    nothing_bootable = 68,  ///< no slot verifies
};

/// Whether what failed is to be done again when the supply is back, and nothing is to be made of it before.
[[nodiscard]] constexpr bool goes_on_by_itself(Error e) {
    return e == Error::power_lost || e == Error::low_battery;
}

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] constexpr std::unexpected<Error> fail(Error e) {
    return std::unexpected<Error>(e);
}

}  // namespace sb

/// Leaves the enclosing function with the error of `expr`, a Result<void>.
#define SB_TRY(expr)                                                             \
    do {                                                                         \
        if (auto sb_try_ = (expr); !sb_try_) return ::sb::fail(sb_try_.error()); \
    } while (false)

#define SB_CONCAT_(a, b) a##b
#define SB_CONCAT(a, b) SB_CONCAT_(a, b)
#define SB_TRY_ASSIGN_(tmp, decl, expr)       \
    auto tmp = (expr);                        \
    if (!tmp) return ::sb::fail(tmp.error()); \
    decl = *tmp
/// Declares `decl` from the value of `expr`, a Result<T>, or leaves with its error.
#define SB_TRY_ASSIGN(decl, expr) SB_TRY_ASSIGN_(SB_CONCAT(sb_try_, __COUNTER__), decl, expr)
