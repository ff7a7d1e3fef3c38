#include "sim/prove/abstract.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace sb::prove {

namespace {

Abstract rotated(const Abstract& a, const Shape& shape, std::uint32_t by) {
    Abstract out;
    for (std::uint32_t p = 0; p < shape.pages; ++p)
        for (std::uint32_t i = 0; i < shape.records; ++i)
            out.slot[p * shape.records + i] = a.slot[(p + by) % shape.pages * shape.records + i];
    return out;
}

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

bool before(const Abstract& a, const Abstract& b) {
    return std::memcmp(&a, &b, sizeof(Abstract)) < 0;
}

// Sessions count from 1. Contents: those allowed by rank; those forbidden by order of appearance.
void rename(Abstract& a, const Shape& shape, std::uint8_t lowest, const std::array<std::uint8_t, 256>& rank,
            std::array<std::uint8_t, 256>* forbidden_names) {
    std::array<std::uint8_t, 256> bad{};
    std::uint8_t next_bad = forbidden;
    for (std::uint32_t i = 0; i < shape.slots(); ++i) {
        Slot& s = a.slot[i];
        if (!s.record()) continue;
        s.session = static_cast<std::uint8_t>(s.session - lowest);
        if (s.content < forbidden) {
            s.content = rank[s.content];
        } else {
            std::uint8_t& name = bad[s.content];
            if (name == 0) {
                name = next_bad++;
                if (forbidden_names != nullptr) (*forbidden_names)[name] = s.content;
            }
            s.content = name;
        }
    }
}

}  // namespace

Abstract normal(const Abstract& a, const Shape& shape, Renaming* names) {
    std::array<bool, 256> present{};
    std::uint8_t lowest = 255;
    for (std::uint32_t i = 0; i < shape.slots(); ++i) {
        if (!a.slot[i].record()) continue;
        present[a.slot[i].content] = true;
        lowest = std::min(lowest, a.slot[i].session);
    }
    std::array<std::uint8_t, 256> rank{};
    std::uint8_t next = 1;
    for (std::uint32_t c = 0; c < forbidden; ++c)
        if (present[c]) rank[c] = next++;
    const auto base = static_cast<std::uint8_t>(lowest == 255 ? 0 : lowest - 1);
    Abstract best;
    std::uint32_t best_rotation = 0;
    const std::uint32_t rotations = has_tie(a, shape) ? 1 : shape.pages;
    for (std::uint32_t r = 0; r < rotations; ++r) {
        Abstract turned = rotated(a, shape, r);
        rename(turned, shape, base, rank, nullptr);
        if (r == 0 || before(turned, best)) {
            best = turned;
            best_rotation = r;
        }
    }
    if (names != nullptr) {
        *names = {};
        names->rotation = best_rotation;
        names->session = base;
        for (std::uint32_t c = 0; c < forbidden; ++c)
            if (present[c]) names->content[rank[c]] = static_cast<std::uint8_t>(c);
        Abstract turned = rotated(a, shape, best_rotation);
        rename(turned, shape, base, rank, &names->content);
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
