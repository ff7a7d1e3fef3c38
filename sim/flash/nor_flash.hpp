// sim/flash: a NOR flash part that fails the way real ones do. Every operation is counted; power can be cut at any
// of them, and the cut leaves one of the outcomes that physics allows, weak cells included. Breaking the rules of
// the part (programming what is not erased, unaligned access) is an error that a test sees, never a silent success.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flash/flash.hpp"

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

/// How weak cells read. ECC parts: a granule reads whole (old or new) or unreadable, never mixed.
enum class WeakReads : std::uint8_t { random, all_old, all_new, alternating };

struct PowerCut {
    std::uint64_t at_operation = 0;  ///< counted from 1 from the moment the cut is armed; programs and erases count
    Torn outcome = Torn::partial;
    std::uint64_t seed = 1;
    WeakReads weak_reads = WeakReads::random;
};

/// One for each granule, 0 or 1; not std::vector<bool>, which is slow to search.
using Flags = std::vector<std::uint8_t>;

/// Everything that survives a power cycle, for saving, restoring and comparing.
struct FlashContent {
    std::vector<std::uint8_t> cells;
    /// One range of weak bytes: what each may read as, until a completed erase of its unit. A bit that is the same in
    /// both is settled (programming the same bytes again settles a torn program).
    struct Weak {
        std::vector<std::uint8_t> was;
        std::vector<std::uint8_t> became;
        WeakReads reads = WeakReads::random;
        bool flip = false;  ///< alternating: reads as `became` next time
        bool operator==(const Weak&) const = default;
    };
    std::map<std::uint32_t, Weak> weak;       ///< by offset of the first byte; ranges never overlap
    Flags programmed;                         ///< per granule: programmed since its last erase, or not fully erased
    Flags torn;                               ///< per granule: by a cut program; may be programmed again to complete it
    Flags unreadable;                         ///< per granule: ECC fault (ecc parts only)
    std::vector<std::uint32_t> erase_counts;  ///< per erase unit, in address order
    std::uint64_t erases = 0;
    std::uint64_t programs = 0;  ///< program operations
    std::uint64_t programmed_bytes = 0;
    bool operator==(const FlashContent&) const = default;
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

    /// Arms one power cut. After it struck every call fails with Error::power_lost until power_on().
    void arm(const PowerCut& cut);
    void disarm() { cut_.reset(); }
    [[nodiscard]] bool powered() const { return powered_; }
    void power_off() { powered_ = false; }
    void power_on();  ///< also disarms
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

    /// How often the rules of the part were broken, and the last time in words. A correct caller leaves 0.
    [[nodiscard]] std::uint64_t rule_breaks() const { return rule_breaks_; }
    [[nodiscard]] const std::string& last_rule_break() const { return last_rule_break_; }

    /// Called with (offset, bytes, is_erase) before each operation; for reports.
    std::function<void(std::uint32_t, std::uint32_t, bool)> on_operation;
    /// Decides, in place of WeakReads of the range, how the weak range at `offset` reads this time.
    std::function<WeakReads(std::uint32_t offset)> on_weak_read;

private:
    using WeakMap = std::map<std::uint32_t, FlashContent::Weak>;

    [[nodiscard]] std::uint64_t random();
    [[nodiscard]] bool in_range(std::uint32_t offset, std::size_t length) const;
    [[nodiscard]] std::size_t unit_index(std::uint32_t offset) const;
    [[nodiscard]] std::unexpected<Error> broken_rule(const std::string& what);
    [[nodiscard]] bool strikes();
    [[nodiscard]] WeakMap::iterator first_weak(std::uint32_t offset, std::uint32_t end);
    [[nodiscard]] bool observe(std::uint32_t offset, MutableBytes out, bool blank_is_bad);
    void read_weak(WeakMap::iterator range, std::uint32_t offset, MutableBytes out, std::vector<std::uint32_t>& bad);
    void split_weak(std::uint32_t at);
    void drop_weak(std::uint32_t offset, std::uint32_t end);
    void add_weak(std::uint32_t offset, Bytes was, Bytes became);
    [[nodiscard]] std::uint8_t burn(std::uint8_t cell, std::uint8_t data) const;
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
    std::uint64_t rule_breaks_ = 0;
    std::string last_rule_break_;
};

}  // namespace sb::sim
