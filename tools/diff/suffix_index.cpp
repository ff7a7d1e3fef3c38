#include <divsufsort.h>
#include <divsufsort64.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>

#include "tools/diff/cover.hpp"

namespace sb::diff {
namespace {

/// From here on memory counts more than the last byte of a match.
constexpr std::size_t large_bytes = std::size_t{2} << 20;
/// Parts go on this far into the next one, so that matches at their ends are not taken for short ones.
constexpr std::size_t overlap_bytes = 4096;
/// From here on a table of first ranks is small beside the rest.
constexpr std::size_t table_bytes = std::size_t{1} << 16;

std::uint64_t load_word(const std::uint8_t* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// How far `a` and `b` agree, given that they do for `known` bytes.
std::size_t agreement(Bytes a, Bytes b, std::size_t known) {
    const std::size_t limit = std::min(a.size(), b.size());
    std::size_t at = known;
    if constexpr (std::endian::native == std::endian::little) {
        for (; at + sizeof(std::uint64_t) <= limit; at += sizeof(std::uint64_t)) {
            const std::uint64_t differ = load_word(a.data() + at) ^ load_word(b.data() + at);
            if (differ != 0) return at + static_cast<std::size_t>(std::countr_zero(differ)) / 8;
        }
    }
    while (at < limit && a[at] == b[at]) ++at;
    return at;
}

IndexShape shape_for(std::size_t bytes, IndexShape wished) {
    const bool large = bytes >= large_bytes;
    if (wished.parts == 0) wished.parts = large ? 2 : 1;
    if (wished.stride == 0) wished.stride = large ? 4 : 1;
    return wished;
}

std::size_t two_bytes(Bytes text, std::size_t at) {
    return std::size_t{text[at]} << 8 | (at + 1 < text.size() ? text[at + 1] : 0U);
}

}  // namespace

SuffixIndex::SuffixIndex(Bytes old, IndexShape shape) : old_(old) {
    if (old.size() > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("the old image is 4 GiB or larger");
    shape = shape_for(old.size(), shape);
    stride_ = shape.stride;
    const std::size_t part_bytes = (old.size() / shape.parts / stride_ + 1) * stride_;
    for (std::size_t from = 0; from < old.size(); from += part_bytes) {
        const std::size_t own = std::min(part_bytes, old.size() - from);
        const std::size_t seen = std::min(own + overlap_bytes, old.size() - from);
        Part& part = parts_.emplace_back(Part{from, old.subspan(from, seen)});
        part.sort(own, stride_, shape.wide);
        part.find_first(own, stride_);
    }
}

/// Sorts all suffixes of the part and keeps those that begin in its first `own` bytes, at multiples of `stride`.
void SuffixIndex::Part::sort(std::size_t own, std::size_t stride, bool wide) {
    wide = wide || text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
    memory = BigBuffer(text.size() * (wide ? sizeof(std::int64_t) : sizeof(std::int32_t)));
    suffixes = reinterpret_cast<std::uint32_t*>(memory.data());
    count = text.size();
    if (wide) {
        auto* const ranks = reinterpret_cast<std::int64_t*>(suffixes);
        if (divsufsort64(text.data(), ranks, static_cast<std::int64_t>(count)) != 0) throw std::bad_alloc();
        // each offset moves down, into memory that was read before
        for (std::size_t rank = 0; rank < count; ++rank) {
            std::int64_t offset = 0;
            std::memcpy(&offset, reinterpret_cast<const char*>(ranks) + rank * sizeof offset, sizeof offset);
            const auto narrow = static_cast<std::uint32_t>(offset);
            std::memcpy(reinterpret_cast<char*>(ranks) + rank * sizeof narrow, &narrow, sizeof narrow);
        }
    } else if (divsufsort(text.data(), reinterpret_cast<std::int32_t*>(suffixes), static_cast<std::int32_t>(count)) !=
               0) {
        throw std::bad_alloc();
    }
    if (wide || stride != 1 || own != count) shrink(own, stride);
}

void SuffixIndex::Part::shrink(std::size_t own, std::size_t stride) {
    const auto other = [&](std::uint32_t offset) { return offset >= own || offset % stride != 0; };
    count = static_cast<std::size_t>(std::remove_if(suffixes, suffixes + count, other) - suffixes);
    memory.shrink(count * sizeof(std::uint32_t));  // given back in place, so that nothing is held twice
}

/// Counts what is kept by its first two bytes, from the front: in the order of the suffixes each would be a look
/// somewhere else.
void SuffixIndex::Part::find_first(std::size_t own, std::size_t stride) {
    if (text.size() < table_bytes) return;
    first.assign((1U << 16) + 1, 0);
    for (std::size_t at = 0; at < own; at += stride) ++first[two_bytes(text, at) + 1];
    std::partial_sum(first.begin(), first.end(), first.begin());
}

Match SuffixIndex::longest(Bytes target) const {
    Match best;
    for (const Part& part : parts_) {
        Match found = part.longest(target);
        if (found.bytes <= best.bytes && best.bytes != 0) continue;
        found.old_at += part.from;
        found.bytes = agreement(old_.subspan(found.old_at), target, found.bytes);  // it may go on in the next part
        best = found;
    }
    return best;
}

/// Of the suffixes around the place where `target` would stand, the one that agrees most. All suffixes between two
/// share what the two have in common with the target.
Match SuffixIndex::Part::longest(Bytes target) const {
    std::size_t low = 0, high = count;  // it would stand at a rank of [low, high]
    std::size_t at_low = 0, at_high = 0;
    Match best;
    if (!first.empty() && target.size() >= 2) {
        const std::size_t key = two_bytes(target, 0);
        low = first[key];
        high = first[key + 1];
        if (low != high) {
            at_low = at_high = suffixes[low] + 1 < text.size() ? 2 : 1;
        } else {  // the neighbours have a byte in common with the target at most
            low -= low != 0;
            high = std::min(high + 1, count);
        }
    }
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const std::size_t old_at = suffixes[middle];
        const Bytes candidate = text.subspan(old_at);
        const std::size_t agreed = agreement(candidate, target, std::min(at_low, at_high));
        if (agreed > best.bytes) best = {old_at, agreed};
        if (agreed == target.size()) break;
        if (agreed == candidate.size() || candidate[agreed] < target[agreed]) {
            low = middle + 1;
            at_low = agreed;
        } else {
            high = middle;
            at_high = agreed;
        }
    }
    return best;
}

MatchTable::MatchTable(const SuffixIndex& index, Bytes new_image, std::size_t slots)
    : index_(index), new_(new_image), slots_(std::clamp<std::size_t>(new_image.size(), 1, slots)) {}

Match MatchTable::kept(std::size_t new_at) {
    Slot& slot = slots_[new_at % slots_.size()];
    if (slot.new_at != new_at) {
        const Match found = index_.longest(new_.subspan(new_at));
        slot = {static_cast<std::uint32_t>(new_at), static_cast<std::uint32_t>(found.old_at),
                static_cast<std::uint32_t>(found.bytes)};
    }
    return {slot.old_at, slot.bytes};
}

Match MatchTable::at(std::size_t new_at) {
    Match best = kept(new_at);
    const Bytes old = index_.old_image();
    for (std::size_t ahead = 1; ahead < index_.stride() && new_at + ahead < new_.size(); ++ahead) {
        const Match later = kept(new_at + ahead);
        if (later.old_at < ahead || later.bytes + ahead <= best.bytes) continue;
        const std::size_t from = later.old_at - ahead;
        if (equal(old.subspan(from, ahead), new_.subspan(new_at, ahead))) best = {from, later.bytes + ahead};
    }
    return best;
}

}  // namespace sb::diff
