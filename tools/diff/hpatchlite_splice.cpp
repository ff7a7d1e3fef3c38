#include "tools/diff/hpatchlite_splice.hpp"

#include <algorithm>
#include <array>

namespace sb::diff {
namespace {

/// A place where both lists have a cover on the same diagonal.
struct Crossing {
    std::size_t new_at = 0;
    std::array<std::size_t, 2> cover{};
};

std::vector<Crossing> crossings(const Covers& one, const Covers& other) {
    std::vector<Crossing> all;
    for (std::size_t i = 0, k = 0; i < one.size() && k < other.size();) {
        const std::size_t from = std::max(one[i].new_at, other[k].new_at);
        const bool overlap = from < std::min(one[i].new_end(), other[k].new_end());
        if (overlap && one[i].diagonal() == other[k].diagonal()) all.push_back({from, {i, k}});
        (one[i].new_end() < other[k].new_end() ? i : k) += 1;
    }
    return all;
}

/// The covers of a list between two crossings, those at the ends in part. The first cover at or behind `begin` is
/// number `cover` or a later one; what begins at a crossing goes on where the last cover ended.
void add_stretch(Covers& to, const Covers& from, std::size_t cover, std::size_t begin, std::size_t end) {
    for (; cover < from.size() && from[cover].new_at < end; ++cover) {
        const Cover& whole = from[cover];
        if (whole.new_end() <= begin) continue;
        const std::size_t at = std::max(begin, whole.new_at);
        const Cover part{at, whole.old_at + (at - whole.new_at), std::min(whole.new_end(), end) - at};
        const bool goes_on = !to.empty() && at == begin && to.back().new_end() == at;
        if (goes_on && to.back().diagonal() == part.diagonal())
            to.back().bytes += part.bytes;
        else
            to.push_back(part);
    }
}

}  // namespace

PricedCovers::PricedCovers(Covers covers, std::span<const CoverText> texts, std::span<const TinyuzItem> items)
    : covers_(std::move(covers)), texts_(texts.begin(), texts.end()) {
    double bits = 0;
    for (const TinyuzItem& item : items) {
        for (std::uint32_t i = 0; i < item.bytes; ++i)
            bits_.push_back(bits + static_cast<double>(item.bits) * i / item.bytes);
        bits += item.bits;
    }
    bits_.push_back(bits);
}

double PricedCovers::bits_before(std::size_t cover, std::size_t new_at) const {
    const CoverText& text = texts_[cover];
    const bool unchanged = text.end == text.differences_at;
    return bits_[text.differences_at + (unchanged ? 0 : new_at - covers_[cover].new_at)];
}

Covers splice(const PricedCovers& one, const PricedCovers& other) {
    const std::array<const PricedCovers*, 2> lists{&one, &other};
    const std::vector<Crossing> places = crossings(one.covers(), other.covers());
    Covers spliced;
    std::size_t begin = 0;
    std::array<std::size_t, 2> cover{};
    std::array<double, 2> bits{};
    for (std::size_t i = 0; i <= places.size(); ++i) {
        const bool last = i == places.size();
        std::array<double, 2> now{};
        for (const std::size_t side : {0U, 1U})
            now[side] =
                last ? lists[side]->all_bits() : lists[side]->bits_before(places[i].cover[side], places[i].new_at);
        const std::size_t cheaper = now[1] - bits[1] < now[0] - bits[0] ? 1 : 0;
        const std::size_t end = last ? ~std::size_t{0} : places[i].new_at;
        add_stretch(spliced, lists[cheaper]->covers(), cover[cheaper], begin, end);
        if (last) break;
        begin = end;
        cover = places[i].cover;
        bits = now;
    }
    return spliced;
}

}  // namespace sb::diff
