// sim/prove: the states that an exploration has seen. The content of the part is kept block by block, each block once,
// so that a state costs a hundred bytes; and how it was reached, for the story.
#pragma once

#include <vector>

#include "sim/flash/nor_flash.hpp"
#include "sim/powercut/fingerprint_map.hpp"
#include "sim/prove/promises.hpp"

namespace sb::prove {

/// What the application does, or the reset button.
enum class Deed : std::uint8_t { boot, install, install_whole, confirm, ask_for_reset, ask_to_wait, stop_waiting };

/// How weak cells read during one deed: one choice for each weak range in the order in which they are first read.
using Choices = std::vector<std::uint8_t>;

/// One step of a story.
struct Step {
    Deed deed = Deed::boot;
    std::uint16_t operation = 0;  ///< that was cut; 0: none
    std::uint8_t outcome = 0;     ///< number of the cut in the explorer's table
    bool wiped = false;           ///< the cut took the journal, too
    Choices choices{};
};

class StateStore {
public:
    using Id = std::uint32_t;
    static constexpr Id none = ~0U;

    struct Entry {
        Promises promises;
        Id parent = none;
        std::uint16_t cost = 0;  ///< deeds and cuts from the beginning
        bool expanded = false;
        Step step{};
    };

    explicit StateStore(sim::NorFlash& flash);

    /// The state that has `key`, or none.
    [[nodiscard]] Id find(const Fingerprint& key) const;
    /// Keeps what is in the flash now, in place of what was kept for `key`. (The same, but for what does not count.)
    Id put(const Fingerprint& key, Entry entry);
    [[nodiscard]] Entry& at(Id id) { return entries_[id]; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// Puts the content of a state into the flash.
    void restore(Id id);

private:
    using WeakMap = std::map<std::uint32_t, sim::FlashContent::Weak>;
    [[nodiscard]] std::uint32_t block_id(std::uint32_t block);
    [[nodiscard]] std::uint32_t weak_id();

    sim::NorFlash& flash_;
    std::uint32_t blocks_;
    std::uint32_t granules_;  // of a block
    sim::FingerprintMap<Id> known_;
    sim::FingerprintMap<std::uint32_t> known_blocks_;
    sim::FingerprintMap<std::uint32_t> known_weak_;
    std::vector<std::uint8_t> bytes_;  // of all distinct blocks: cells, then three flags a granule
    std::vector<WeakMap> weak_;
    std::vector<std::uint32_t> content_;  // for each state: its blocks, then its weak ranges
    std::vector<Entry> entries_;
    sim::FlashContent restored_;
};

}  // namespace sb::prove
