// sim/prove: the journal region as the explorer sees it: for each record slot one of a few classes instead of bytes.
// Two regions that differ only by a rotation of the pages, by the numbers of sessions or by the names of states are
// one state, so the number of states is finite for a number of cuts.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace sb::prove {

enum class Cell : std::uint8_t {
    blank,       ///< erased by an erase that completed
    valid,       ///< a record that always reads
    weak,        ///< a record that may read or not, at every boot as the adversary likes
    junk,        ///< programmed, never reads as a record
    blank_weak,  ///< reads blank after a cut erase; what is programmed there is weak
};

struct Slot {
    Cell cell = Cell::blank;
    std::uint8_t session = 0;
    std::uint8_t index = 0;
    std::uint8_t content = 0;  ///< which state it holds; forbidden contents are >= `forbidden`
    bool operator==(const Slot&) const = default;
    [[nodiscard]] bool record() const { return cell == Cell::valid || cell == Cell::weak; }
};

/// Contents from here on must never be read again: an answer told otherwise.
inline constexpr std::uint8_t forbidden = 128;
inline constexpr std::uint32_t max_slots = 24;

struct Shape {
    std::uint32_t pages = 4;
    std::uint32_t records = 4;
    [[nodiscard]] std::uint32_t slots() const { return pages * records; }
};

struct Abstract {
    std::array<Slot, max_slots> slot{};
    bool operator==(const Abstract&) const = default;
};

struct AbstractHash {
    std::size_t operator()(const Abstract& a) const {
        std::uint64_t h = 0x9E3779B97F4A7C15U;
        for (std::size_t i = 0; i < sizeof(Abstract) / 8; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, reinterpret_cast<const char*>(&a) + i * 8, 8);
            h = (h ^ word) * 0xD6E8FEB86659FD93U;
            h ^= h >> 32;
        }
        return static_cast<std::size_t>(h);
    }
};
static_assert(sizeof(Abstract) == max_slots * 4);

/// The names that normalising changed, to tell a story in one set of names.
struct Renaming {
    std::uint32_t rotation = 0;               ///< normal page p is the page (p + rotation) mod pages of before
    std::uint8_t session = 0;                 ///< subtracted from every session
    std::array<std::uint8_t, 256> content{};  ///< by normal content: the content of before
};

/// The normal form of `a`; fills `names` when it is given.
[[nodiscard]] Abstract normal(const Abstract& a, const Shape& shape, Renaming* names = nullptr);

/// One line for people: pages in brackets, records as session.index:state, `?` weak, `x` junk, `.` blank, `~` weak
/// blank.
[[nodiscard]] std::string picture(const Abstract& a, const Shape& shape);

/// What a boot may see of one page: its weak records shown or hidden. Of all subsets one representative for each
/// (count up to three, newest record, whether the two newest hold the same state) is kept: the journal reads each
/// record once and keeps nothing else of a page.
[[nodiscard]] std::vector<std::uint32_t> readings_of(const Slot* page, std::uint32_t records);

}  // namespace sb::prove
