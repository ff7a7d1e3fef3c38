// core/journal: the state of an update, as one value. Each journal record is this whole state, nothing less, so
// that any one valid record is enough to carry on.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/flash/map.hpp"

namespace sb {

/// States of an update: the names of the PSA Firmware Update API 1.0 (§4.1); reverting is our addition.
/// Rest phases are those in which a boot has nothing to do but start the active slot.
enum class Phase : std::uint8_t {
    ready = 0,      ///< nothing under way
    writing = 1,    ///< a package is being received into the inactive slot
    candidate = 2,  ///< received whole and verified; not yet asked to run
    staged = 3,     ///< asked to run: the next boot tries it
    trial = 4,      ///< runs unconfirmed; `tries_left` more boots may start it
    updated = 5,    ///< confirmed; the other slot is the backup
    reverting = 6,  ///< on the way back to an image that is brought to slot A, step by step, or to none: update mode
    failed = 7,     ///< ended with `cause`; the old image runs
};

[[nodiscard]] constexpr bool is_rest(Phase p) {
    return p == Phase::ready || p == Phase::writing || p == Phase::candidate || p == Phase::updated ||
           p == Phase::failed;
}

/// How an image is brought to slot A: a list of steps, which core/plan names. Numbers are part of the record.
enum class Plan : std::uint8_t {
    none = 0,
    exchange = 1,  ///< of the image that came in with the one in A
    copy = 2,      ///< from B
    restore = 3,   ///< from the factory image
    reset = 4,     ///< the same, once the user's data are erased
    rewrite = 5,   ///< of the image in A, by the patch that was staged
    undo = 6,      ///< of that, by the way back that came with it
};

/// What the application asked the bootloader for. Numbers are part of the record.
enum class Request : std::uint8_t {
    none = 0,
    factory_reset = 1,  ///< the factory image in slot A, and the user's data erased
    factory_image = 2,  ///< the factory image in slot A; the user's data stay
    update_mode = 3,    ///< to wait for an update, until one is staged or the wait is given up
};

/// The part of a record that the bootloader decides on (60 bytes with session and index).
struct BootState {
    Phase phase = Phase::ready;
    Plan plan = Plan::none;       ///< under way; its first `step` steps are done
    SlotId active = SlotId::a;    ///< where the image stands that runs when nothing is pending
    std::uint8_t tries_left = 0;  ///< trial boots left
    Error cause = Error::none;    ///< why the last update failed
    bool confirmed_a = false;     ///< the image in slot A was confirmed at some time
    bool confirmed_b = false;
    Request request = Request::none;
    std::uint8_t data_format = 0;          ///< of the application's data, 0 to 127: what it last registered
    bool data_newer = false;               ///< the data are of an image on trial, or of one that was switched back from
    std::uint16_t step = 0;                ///< of a plan: steps done
    std::uint16_t step_count = 0;          ///< of a plan: steps in all
    std::uint16_t transaction = 0;         ///< counts updates begun, modulo 65536
    std::uint64_t confirmed_sequence = 0;  ///< of the package that was confirmed last; 0: its image's version counts
    ShortDigest candidate{};               ///< image that is being written or tried
    ShortDigest active_digest{};           ///< image in the active slot
    std::uint32_t security_floor = 0;      ///< lowest security counter that may run; rises only with confirm
    std::uint32_t grant_counter = 0;       ///< unlock grants used
    std::uint32_t layout_crc = 0;          ///< of the layout that wrote the record

    /// The factory image was confirmed by who put it there.
    [[nodiscard]] bool confirmed(SlotId s) const {
        return s == SlotId::golden || (s == SlotId::a ? confirmed_a : confirmed_b);
    }
    void set_confirmed(SlotId s, bool v) { (s == SlotId::a ? confirmed_a : confirmed_b) = v; }
    bool operator==(const BootState&) const = default;
};

/// Where a download goes on (64 bytes).
struct InstallState {
    ShortDigest package{};                       ///< of the envelope: which package is being received
    std::uint32_t next_block = 0;                ///< first block that is not recorded as accepted
    std::array<std::uint8_t, 16> next_digest{};  ///< expected digest of that block
    std::uint32_t output_bytes = 0;              ///< bytes of the image that are programmed, read back and recorded
    std::array<std::uint8_t, 32> checkpoint{};   ///< the decoder's own while WRITING; then the candidate's sequence

    /// The sequence number of the package, kept from CANDIDATE on until it is confirmed.
    void set_candidate_sequence(std::uint64_t sequence) {
        checkpoint = {};
        store_le<std::uint64_t>(checkpoint, 0, sequence);
    }
    [[nodiscard]] std::uint64_t candidate_sequence() const { return load_le<std::uint64_t>(checkpoint); }

    bool operator==(const InstallState&) const = default;
};

/// Whether the image that ran before was overwritten and what stands in A is not proven: active says B there.
[[nodiscard]] constexpr bool old_is_gone(Scheme scheme, const BootState& state) {
    return (scheme == Scheme::copy || has_one_slot(scheme)) && state.active == SlotId::b;
}

struct State {
    BootState boot;
    InstallState install;
    bool operator==(const State&) const = default;
};

}  // namespace sb
