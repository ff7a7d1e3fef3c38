// sim/flash: what operations overwrote in a part, so that they can be taken back: the checker stands at a moment of a
// life, lets the power fail there in every way, and each time comes back to that moment for the price of what changed.
#pragma once

#include "sim/flash/flash_content.hpp"

namespace sb::sim {

class UndoLog {
public:
    /// Remembers the bytes [offset, offset + bytes) of `content` and what belongs to their granules.
    void save(const FlashContent& content, std::uint32_t granule, std::uint32_t offset, std::uint32_t bytes);
    /// Remembers that the wear of erase unit `unit` was one less.
    void save_wear(std::size_t unit);

    /// Entries so far: a moment to come back to.
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    /// Takes back all entries from `size` on, the newest first; calls touched(offset, bytes) for each.
    template <class Touched>
    void rewind(std::size_t size, FlashContent& content, std::uint32_t granule, Touched touched);
    void clear();

private:
    static constexpr std::uint32_t wear = ~0U;  // in Entry::bytes
    struct Entry {
        std::uint32_t offset;  ///< of an entry of wear: the unit
        std::uint32_t bytes;
        std::size_t saved_at;
    };
    struct Granules {
        std::ptrdiff_t first;
        std::size_t count;
    };
    [[nodiscard]] static Granules granules_of(const Entry& entry, std::uint32_t granule);
    void put_back(const Entry& entry, FlashContent& content, std::uint32_t granule) const;

    std::vector<Entry> entries_;
    std::vector<std::uint8_t> saved_;
};

template <class Touched>
void UndoLog::rewind(std::size_t size, FlashContent& content, std::uint32_t granule, Touched touched) {
    while (entries_.size() > size) {
        const Entry entry = entries_.back();
        put_back(entry, content, granule);
        if (entry.bytes != wear) touched(entry.offset, entry.bytes);
        saved_.resize(entry.saved_at);
        entries_.pop_back();
    }
}

}  // namespace sb::sim
