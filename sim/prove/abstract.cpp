#include "sim/prove/abstract.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <span>
#include <tuple>

namespace sb::prove {

namespace {

// Two pages with a record of the same session and index: which of them counts depends on the order of the pages.
bool has_tie(const Abstract& a, const Shape& shape) {
    for (std::uint32_t i = shape.records; i < shape.slots(); ++i) {
        if (!a.slot[i].record()) continue;
        for (std::uint32_t k = 0; k < i / shape.records * shape.records; ++k) {
            const Slot& s = a.slot[k];
            if (s.record() && s.session == a.slot[i].session && s.index == a.slot[i].index) return true;
        }
    }
    return false;
}

// Sessions count from 1. Contents: those allowed by rank; those forbidden by order of appearance.
class Renamer {
public:
    Renamer(std::uint8_t lowest, const std::array<std::uint8_t, 256>& rank) : lowest_(lowest), rank_(rank) {}

    [[nodiscard]] Slot operator()(Slot s) {
        if (!s.record()) return s;
        s.session = static_cast<std::uint8_t>(s.session - lowest_);
        s.content = s.content < forbidden ? rank_[s.content] : forbidden_name(s.content);
        return s;
    }
    /// What `forbidden` + its place in the list stands for.
    [[nodiscard]] std::span<const std::uint8_t> forbidden_ones() const { return std::span(seen_).first(count_); }

private:
    std::uint8_t forbidden_name(std::uint8_t content) {
        std::uint8_t i = 0;
        while (i < count_ && seen_[i] != content) ++i;
        if (i == count_) seen_[count_++] = content;
        return static_cast<std::uint8_t>(forbidden + i);
    }

    std::uint8_t lowest_;
    const std::array<std::uint8_t, 256>& rank_;
    std::array<std::uint8_t, std::tuple_size_v<decltype(Abstract::slot)>> seen_;
    std::uint8_t count_ = 0;
};

/// Calls `use(slot, from)` for each slot of the region beginning at page `by`, until it says false.
template <class Use>
void for_each_turned(const Shape& shape, std::uint32_t by, Use use) {
    std::uint32_t slot = 0;
    for (std::uint32_t p = 0; p < shape.pages; ++p) {
        const std::uint32_t page = p + by < shape.pages ? p + by : p + by - shape.pages;
        for (std::uint32_t i = 0; i < shape.records; ++i)
            if (!use(slot++, page * shape.records + i)) return;
    }
}

/// A set of allowed contents.
struct ContentSet {
    std::array<std::uint64_t, 2> bits{};
    void add(std::uint8_t content) {
        if (content < forbidden) bits[content / 64] |= std::uint64_t{1} << content % 64;
    }
    template <class Use>
    void for_each(Use use) const {
        for (std::uint32_t word = 0; word < bits.size(); ++word)
            for (std::uint64_t left = bits[word]; left != 0; left &= left - 1)
                use(static_cast<std::uint8_t>(word * 64 + static_cast<std::uint32_t>(std::countr_zero(left))));
    }
};
static_assert(forbidden == 128);

/// Makes `best` the renamed region beginning at page `by` if that comes before it byte by byte, or if `anyway`.
bool take_if_before(Abstract& best, const Abstract& a, const Shape& shape, std::uint32_t by, Renamer rename,
                    bool anyway) {
    Abstract made;
    bool before = anyway;
    for_each_turned(shape, by, [&](std::uint32_t slot, std::uint32_t from) {
        made.slot[slot] = rename(a.slot[from]);
        if (before) return true;
        const int order = std::memcmp(&made.slot[slot], &best.slot[slot], sizeof(Slot));
        before = order < 0;
        return order <= 0;
    });
    if (before) best = made;
    return before;
}

}  // namespace

Abstract normal(const Abstract& a, const Shape& shape, Renaming* names) {
    ContentSet present;
    std::uint8_t lowest = 255;
    for (std::uint32_t i = 0; i < shape.slots(); ++i) {
        if (!a.slot[i].record()) continue;
        present.add(a.slot[i].content);
        lowest = std::min(lowest, a.slot[i].session);
    }
    std::array<std::uint8_t, 256> rank;
    std::uint8_t next = 1;
    present.for_each([&](std::uint8_t content) { rank[content] = next++; });
    const auto base = static_cast<std::uint8_t>(lowest == 255 ? 0 : lowest - 1);
    Abstract best;
    std::uint32_t best_rotation = 0;
    const std::uint32_t rotations = has_tie(a, shape) ? 1 : shape.pages;
    for (std::uint32_t r = 0; r < rotations; ++r)
        if (take_if_before(best, a, shape, r, Renamer(base, rank), r == 0)) best_rotation = r;
    if (names != nullptr) {
        *names = {};
        names->rotation = best_rotation;
        names->session = base;
        present.for_each([&](std::uint8_t content) { names->content[rank[content]] = content; });
        Renamer rename(base, rank);
        for_each_turned(shape, best_rotation, [&](std::uint32_t, std::uint32_t from) {
            static_cast<void>(rename(a.slot[from]));
            return true;
        });
        std::ranges::copy(rename.forbidden_ones(), names->content.begin() + forbidden);
    }
    return best;
}

std::string picture(const Abstract& a, const Shape& shape) {
    std::string out;
    for (std::uint32_t p = 0; p < shape.pages; ++p) {
        out += p == 0 ? "[" : " [";
        for (std::uint32_t i = 0; i < shape.records; ++i) {
            const Slot& s = a.slot[p * shape.records + i];
            if (i != 0) out += " ";
            if (s.cell == Cell::blank) out += ".";
            if (s.cell == Cell::blank_weak) out += "~";
            if (s.cell == Cell::junk) out += "x";
            if (!s.record()) continue;
            out += std::to_string(s.session) + "." + std::to_string(s.index) + ":";
            out += s.content < forbidden ? std::to_string(s.content) : "!" + std::to_string(s.content - forbidden);
            if (s.cell == Cell::weak) out += "?";
        }
        out += "]";
    }
    return out;
}

std::vector<std::uint32_t> readings_of(const Slot* page, std::uint32_t records) {
    std::vector<std::uint32_t> weak;
    for (std::uint32_t i = 0; i < records; ++i)
        if (page[i].cell == Cell::weak) weak.push_back(i);
    std::vector<std::uint32_t> kept;
    std::set<std::tuple<std::uint32_t, std::uint32_t, bool>> seen;
    for (std::uint32_t subset = 0; subset < 1U << weak.size(); ++subset) {
        std::uint32_t hidden = 0;
        for (std::uint32_t k = 0; k < weak.size(); ++k)
            if ((subset >> k & 1U) == 0) hidden |= 1U << weak[k];
        std::uint32_t count = 0;
        std::uint32_t newest = records;
        std::uint32_t second = records;
        for (std::uint32_t i = 0; i < records; ++i) {
            if (!page[i].record() || (hidden >> i & 1U) != 0) continue;
            ++count;
            second = newest;
            newest = i;
        }
        const bool twice = second != records && page[second].content == page[newest].content;
        if (seen.emplace(std::min(count, 3U), newest, twice).second) kept.push_back(hidden);
    }
    return kept;
}

}  // namespace sb::prove
