// sim/flash: a NOR flash part that fails the way real ones do. Every operation is counted; power can be cut at any
// of them, and the cut leaves one of the outcomes that physics allows, weak cells included. Breaking the rules of
// the part (programming what is not erased, unaligned access) is an error that a test sees, never a silent success.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flash/flash.hpp"
#include "sim/flash/fingerprint.hpp"
#include "sim/flash/flash_content.hpp"
#include "sim/flash/undo_log.hpp"

namespace sb::sim {

/// What the operation that is hit by the power cut leaves behind (docs/power.md, "What power loss may do").
/// Seeds of partial: odd ones tear one granule and leave those before it complete, even ones mix the whole range.
enum class Torn : std::uint8_t {
    nothing,        ///< the operation did not begin
    partial,        ///< program: a random subset of the bits; erase: a mixture of old, zero and erased bytes
    zeroed,         ///< erase: everything programmed to zero first (NOR pre-program); program: as partial
    blank_weak,     ///< reads blank and is not: each later read may differ
    complete_weak,  ///< reads complete and is not proven: each later read may differ; erase: as blank_weak
    complete,       ///< finished; only the answer was lost
};
inline constexpr int torn_kinds = 6;

struct PowerCut {
    std::uint64_t at_operation = 0;  ///< counted from 1 from the moment the cut is armed; programs and erases count
    Torn outcome = Torn::partial;
    std::uint64_t seed = 1;
    WeakReads weak_reads = WeakReads::random;
};

class NorFlash final : public Flash {
public:
    /// A part fresh from the factory: erased everywhere. `erase_map` is copied. geometry.bytes may be 0: it is then
    /// the sum of the erase map.
    NorFlash(const Geometry& geometry, std::vector<EraseRun> erase_map, std::uint64_t seed = 1);
    NorFlash(const NorFlash&) = delete;
    NorFlash& operator=(const NorFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    /// Errors besides those of the contract: io when the rules of the part are broken (see rule_breaks).
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

    /// The number of the erase unit that holds `offset`, in address order.
    [[nodiscard]] std::size_t unit_index(std::uint32_t offset) const;

    /// Arms one power cut. After it struck every call fails with Error::power_lost until power_on().
    void arm(const PowerCut& cut);
    void disarm() { cut_.reset(); }
    [[nodiscard]] bool powered() const { return powered_; }
    void power_off() { powered_ = false; }
    void power_on();  ///< also disarms, and unlocks
    /// Off and on again: what a reset is to cells that fade.
    void cycle_power();
    /// Until the next power_on() no program and no erase may touch [offset, offset + bytes): one that does breaks a
    /// rule of the part. A range without bytes is none. `name`: for who reads of it; lives as long as the part.
    /// Requires: at most most_locks of them.
    void lock(std::uint32_t offset, std::uint32_t bytes, const char* name);
    void unlock() { locks_.count = 0; }
    static constexpr std::size_t most_locks = 16;
    /// Programs and erases since construction, the torn one included.
    [[nodiscard]] std::uint64_t operations() const { return content_.erases + content_.programs; }

    [[nodiscard]] const FlashContent& content() const { return content_; }
    /// Requires: the content comes from a part of the same geometry.
    void set_content(FlashContent content);
    /// Bytes put there without an operation: a programmer at the factory, or a test that damages the flash. Granules
    /// that are touched become solid; those that end up blank count as erased.
    void poke(std::uint32_t offset, Bytes data);
    /// Makes the granules that [offset, offset + bytes) touches unreadable, as bit rot does on an ECC part.
    void spoil(std::uint32_t offset, std::uint32_t bytes);

    /// Ranges that are locked.
    struct Locked {
        struct Range {
            std::uint32_t offset;
            std::uint32_t bytes;
            const char* name;
        };
        std::array<Range, most_locks> ranges{};
        std::size_t count = 0;
    };
    /// A moment to come back to, as often as one likes, as long as no earlier one is come back to.
    struct Moment {
        std::size_t undo = 0;
        std::map<std::uint32_t, FlashContent::Weak> weak{};
        std::uint64_t random = 0;
        std::uint64_t erases = 0;
        std::uint64_t programs = 0;
        std::uint64_t programmed_bytes = 0;
        bool any_unreadable = false;
        Locked locks{};
    };
    /// From the first one on every change is remembered, until set_content().
    [[nodiscard]] Moment moment();
    /// Takes back all that happened since; power is on, no cut is armed, and what was locked is. set_content() makes
    /// all moments void.
    void go_back(const Moment& moment);
    /// How weak ranges will read next: all of it that reading changes.
    struct WeakState {
        std::uint64_t random = 0;
        std::vector<bool> flips{};
    };
    [[nodiscard]] WeakState weak_state() const;
    void set_weak_state(const WeakState& state);
    /// All weak ranges that read as `from` read as `to` from now on.
    void settle_weak_reads(WeakReads from, WeakReads to);

    /// Of all that later reads depend on; wear is left out.
    [[nodiscard]] Fingerprint content_fingerprint();
    /// Of the cells and flags of one block of ContentFingerprint::block_bytes; weak ranges are left out.
    [[nodiscard]] Fingerprint block_fingerprint(std::uint32_t block) {
        return content_fingerprint_.of_block(content_, block);
    }
    /// Starts a fingerprint of what the part answers from now on: a program that starts alike and is answered alike is
    /// in the same state, whatever it is.
    void start_trace(Fingerprint from) {
        trace_ = trace_start_ = from;
        traces_ = true;
    }
    /// Of all that was answered since it started, the program kept what `known` tells, and nothing else.
    void sum_up_trace(Fingerprint known) {
        if (traces_) trace_ = fingerprint(known.low, fingerprint(known.high, trace_start_));
    }
    [[nodiscard]] const Fingerprint& trace() const { return trace_; }

    /// Looks from now on whether anything depends on what [offset, offset + bytes) holds.
    void watch(std::uint32_t offset, std::uint32_t bytes) { watched_ = {offset, bytes}; }
    void watch_no_more() { watched_ = {}; }
    /// Whether what is watched was erased before it was read, asked about or programmed: what it held made no
    /// difference.
    [[nodiscard]] bool erased_unseen() const { return watched_.erased; }

    /// How often the rules of the part were broken, and the last time in words. A correct caller leaves 0.
    [[nodiscard]] std::uint64_t rule_breaks() const { return rule_breaks_; }
    [[nodiscard]] const std::string& last_rule_break() const { return last_rule_break_; }

    /// Called with (offset, bytes, is_erase) before each operation; for reports. May switch the power off: then the
    /// operation does not begin.
    std::function<void(std::uint32_t, std::uint32_t, bool)> on_operation;
    /// Called before each operation, as on_operation, with what is to be programmed; nothing for an erase.
    std::function<void(std::uint32_t offset, Bytes data)> on_change;
    /// Decides, in place of WeakReads of the range, how the weak range at `offset` reads this time.
    std::function<WeakReads(std::uint32_t offset)> on_weak_read;

private:
    using WeakMap = std::map<std::uint32_t, FlashContent::Weak>;

    struct Watched {
        std::uint32_t offset = 0;
        std::uint32_t bytes = 0;  ///< 0: nothing any more
        bool erased = false;
    };

    [[nodiscard]] std::uint64_t random();
    void note_look(std::uint32_t offset, std::size_t bytes) {
        if (offset < watched_.offset + watched_.bytes && watched_.offset < offset + bytes) watched_ = {};
    }
    [[nodiscard]] bool in_range(std::uint32_t offset, std::size_t length) const;
    [[nodiscard]] std::unexpected<Error> broken_rule(const std::string& what);
    [[nodiscard]] std::unexpected<Error> broken_lock(const char* operation, std::uint32_t offset,
                                                     const Locked::Range& range);
    [[nodiscard]] const Locked::Range* locked_in(std::uint32_t offset, std::size_t bytes) const;
    [[nodiscard]] bool strikes();
    [[nodiscard]] bool announce(std::uint32_t offset, std::uint32_t bytes, Bytes data) const;
    void note_answer(std::uint32_t offset, Bytes answer, bool readable);
    void before_change(std::uint32_t offset, std::uint32_t bytes);
    [[nodiscard]] WeakMap::iterator first_weak(std::uint32_t offset, std::uint32_t end);
    [[nodiscard]] bool observe(std::uint32_t offset, MutableBytes out, bool blank_is_bad);
    void read_weak(WeakMap::iterator range, std::uint32_t offset, MutableBytes out, std::vector<std::uint32_t>& bad);
    void split_weak(std::uint32_t at);
    void drop_weak(std::uint32_t offset, std::uint32_t end);
    void add_weak(std::uint32_t offset, Bytes was, Bytes became);
    [[nodiscard]] std::uint8_t burn(std::uint8_t cell, std::uint8_t data) const;
    void burn_all(MutableBytes cells, Bytes data) const;
    [[nodiscard]] bool may_program(std::uint32_t offset, Bytes data) const;
    void finish_program(std::uint32_t offset, Bytes data);
    void tear_program(std::uint32_t offset, Bytes data);
    void tear_bits(std::uint32_t offset, Bytes data);
    void finish_erase(const EraseUnit& unit);
    void tear_erase(const EraseUnit& unit);
    void mix_erase(const EraseUnit& unit);
    void settle_blankness(const EraseUnit& unit);
    void mark(Flags& flags, std::uint32_t offset, std::uint32_t bytes, bool value) const;

    Geometry geometry_;
    std::vector<EraseRun> erase_map_;
    FlashContent content_;
    std::uint64_t random_;
    std::optional<PowerCut> cut_;
    std::uint64_t cut_countdown_ = 0;
    bool powered_ = true;
    bool any_unreadable_ = false;
    bool remembers_ = false;
    UndoLog undo_;
    ContentFingerprint content_fingerprint_;
    Fingerprint trace_;
    Fingerprint trace_start_;
    bool traces_ = false;
    Watched watched_;
    Locked locks_;
    std::uint64_t rule_breaks_ = 0;
    std::string last_rule_break_;
};

}  // namespace sb::sim
