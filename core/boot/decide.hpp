// core/boot: what the bootloader does at a reset, as one pure function of values. The executor (boot.hpp) feeds it
// the journal's state and, only when it asks, the verdict on a slot; it answers with one action. No flash, no
// clock, no memory of its own: every combination can be tried in a test.
//
// Which image shall run is decided alike for all schemes. How it gets to run is not: with xip it runs where it stands;
// otherwise it is brought to slot A first, by a plan (core/plan) that the executor carries out before it asks again.
#pragma once

#include <optional>

#include "core/journal/state.hpp"

namespace sb {

/// What is known of one slot.
struct SlotView {
    enum class Verdict : std::uint8_t { unknown, valid, invalid };
    Verdict verdict = Verdict::unknown;
    Error why = Error::none;  ///< when invalid
    ShortDigest digest{};     ///< when valid, as is all that follows
    ShortDigest signed_part{};
    std::uint64_t sequence = 0;
    std::uint32_t security_counter = 0;
    std::uint32_t bytes = 0;
};

/// Told by what the signatures cover: cells that read as they like can pass a verification and still come out
/// differently in the digest, which covers the signature too.
[[nodiscard]] constexpr bool same_image(const SlotView& a, const SlotView& b) {
    return a.bytes == b.bytes && a.signed_part == b.signed_part;
}

/// Everything a decision may depend on.
struct BootView {
    BootState state{};
    bool journal_lost = false;  ///< no record was readable; `state` is the default one
    bool can_record = true;     ///< false: the journal could not be written in this session
    std::array<SlotView, source_count> slots{};
    std::uint32_t hardware_floor = 0;  ///< security floor kept outside of the journal; 0 when the part has none
    std::uint8_t tries = 3;            ///< trial boots of an image that is recovered without a record
    std::uint32_t layout_crc = 0;
    Scheme scheme = Scheme::xip;
    bool has_golden = false;
    bool undoes = false;              ///< the mover knows Plan::undo
    bool low_battery = false;         ///< no erase may begin
    bool golden_below_floor = false;  ///< the layout lets the factory image run whatever its security counter

    [[nodiscard]] const SlotView& slot(SlotId s) const { return slots[index_of(s)]; }
};

/// Why a slot runs; names in decision_name().
enum class Decision : std::uint8_t {
    active,         ///< nothing pending: the active image
    trial,          ///< a new image, on one of its trial boots
    switch_back,    ///< the new image was not confirmed or does not verify: back to the old one
    fallback,       ///< the slot that should run does not verify: the other one
    recovered,      ///< the journal was lost: chosen by the content of the slots
    update_mode,    ///< nothing may run: wait for an update
    factory_reset,  ///< the factory image, as was asked for
};

/// What to do next: either look at a slot or move an image and ask again, or end the boot.
struct Action {
    enum class Kind : std::uint8_t { verify, move, run, update_mode };
    Kind kind = Kind::update_mode;
    SlotId slot = SlotId::a;            ///< to verify or to run
    std::optional<BootState> record{};  ///< to be made durable before anything runs or moves; names the plan
    Decision decision = Decision::update_mode;
    Error cause = Error::none;
};

/// Decides. Asks for at most one verification of each slot until something moved; never names a slot to run that is not
/// known to be valid, nor one whose security counter is below the effective floor.
[[nodiscard]] Action decide(const BootView& view);

/// The state once all steps of `state.plan` are done: what stands where, and what comes next.
[[nodiscard]] BootState after_plan(BootState state);

/// The lowest security counter that may run: max of journal, hardware and the counters of confirmed images that are
/// known to verify.
[[nodiscard]] std::uint32_t effective_floor(const BootView& view);

/// Why the image in `slot` may not run, or none. Requires: its verdict is known.
[[nodiscard]] Error slot_objection(const BootView& view, SlotId slot);

[[nodiscard]] const char* decision_name(Decision d);

}  // namespace sb
