// sim/flash: a NOR flash part that fails the way real ones do. Every operation is counted; power can be cut at any
// of them, and the cut leaves one of the outcomes that physics allows, weak cells included. Breaking the rules of
// the part (programming what is not erased, unaligned access) is an error that a test sees, never a silent success.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "core/flash/flash.hpp"

namespace sb::sim {

/// What the operation that is hit by the power cut leaves behind (docs/power.md, "What power loss may do").
enum class Torn : std::uint8_t {
    nothing,      ///< the operation did not begin
    partial,      ///< program: a random subset of the bits; erase: a mixture of old, zero and erased bytes
    zeroed,       ///< erase: everything programmed to zero first (NOR pre-program); program: as partial
    blank_weak,   ///< reads blank and is not: each later read may differ
    complete_weak,///< reads complete and is not proven: each later read may differ
    complete,     ///< finished; only the answer was lost
};
inline constexpr int torn_kinds = 6;

/// How weak cells read.
enum class WeakReads : std::uint8_t { random, all_old, all_new, alternating };

struct PowerCut {
    std::uint64_t at_operation = 0;  ///< counted from 1 from the moment the cut is armed; programs and erases count
    Torn outcome = Torn::partial;
    std::uint64_t seed = 1;
    WeakReads weak_reads = WeakReads::random;
};

/// Everything that survives a power cycle, for saving, restoring and comparing.
struct FlashContent {
    std::vector<std::uint8_t> cells;
    /// Weak granules: what each may read as (old bytes, new bytes), until a completed erase of its unit.
    struct Weak {
        std::vector<std::uint8_t> was;
        std::vector<std::uint8_t> became;
        WeakReads reads = WeakReads::random;
    };
    std::map<std::uint32_t, Weak> weak;             ///< by granule offset
    std::vector<bool> programmed;                   ///< per granule: programmed since its last erase
    std::vector<bool> unreadable;                   ///< per granule: ECC fault (ecc parts only)
    std::vector<std::uint32_t> erase_counts;        ///< per erase unit, in address order
    std::uint64_t erases = 0;
    std::uint64_t programs = 0;                     ///< program operations
    std::uint64_t programmed_bytes = 0;
};

class NorFlash final : public Flash {
public:
    /// A part fresh from the factory: erased everywhere. `erase_map` is copied.
    NorFlash(const Geometry& geometry, std::vector<EraseRun> erase_map, std::uint64_t seed = 1);
    NorFlash(const NorFlash&) = delete;
    NorFlash& operator=(const NorFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

    /// Arms one power cut. After it struck every call fails with Error::power_lost until power_on().
    void arm(const PowerCut& cut);
    void disarm();
    [[nodiscard]] bool powered() const { return powered_; }
    void power_on();  ///< also disarms
    /// Programs and erases since construction, the torn one included.
    [[nodiscard]] std::uint64_t operations() const { return content_.erases + content_.programs; }

    [[nodiscard]] const FlashContent& content() const { return content_; }
    void set_content(FlashContent content);
    /// Bytes put there without an operation: a programmer at the factory, or a test that damages the flash.
    void poke(std::uint32_t offset, Bytes data);

    /// Called with (offset, bytes, is_erase) before each operation; for reports and for write protection.
    std::function<void(std::uint32_t, std::uint32_t, bool)> on_operation;

private:
    Geometry geometry_;
    std::vector<EraseRun> erase_map_;
    FlashContent content_;
    std::mt19937_64 random_;
    std::optional<PowerCut> cut_;
    std::uint64_t cut_countdown_ = 0;
    bool powered_ = true;
    // Further private parts belong to the implementation.
};

}  // namespace sb::sim
