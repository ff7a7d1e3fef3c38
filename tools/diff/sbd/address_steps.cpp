#include "tools/diff/sbd/address_steps.hpp"

#include <algorithm>
#include <bit>

namespace sb::diff {
namespace {

using sbd::MapBlock;

std::uint32_t old_end(const MapBlock& block) {
    return block.old_at + block.bytes;
}

/// Sorted by their old places, without overlap there.
std::vector<MapBlock> apart(std::vector<MapBlock> covers) {
    std::ranges::sort(covers, [](const MapBlock& a, const MapBlock& b) {
        return a.old_at != b.old_at ? a.old_at < b.old_at : a.new_at < b.new_at;
    });
    std::vector<MapBlock> kept;
    for (MapBlock next : covers) {
        while (!kept.empty() && next.bytes > kept.back().bytes && old_end(kept.back()) > next.old_at) {
            kept.back().bytes = next.old_at - kept.back().old_at;
            if (kept.back().bytes != 0) break;
            kept.pop_back();
        }
        const std::uint32_t begin = kept.empty() ? 0 : old_end(kept.back());
        if (next.old_at < begin) {
            const std::uint32_t cut = begin - next.old_at;
            if (cut >= next.bytes) continue;
            next = {next.new_at + cut, begin, next.bytes - cut};
        }
        kept.push_back(next);
    }
    return kept;
}

}  // namespace

AddressSteps::AddressSteps(std::span<const MapBlock> covers) {
    std::vector<MapBlock> long_ones;
    std::ranges::copy_if(covers, std::back_inserter(long_ones),
                         [](const MapBlock& cover) { return cover.bytes >= shortest; });
    std::uint32_t end = 0;
    for (const MapBlock& cover : apart(std::move(long_ones))) {
        steps_.push_back({steps_.empty() ? 0 : end + (cover.old_at - end) / 2, cover.moved_by()});
        end = old_end(cover);
    }
    if (steps_.empty()) steps_.emplace_back();
    find_first();
}

void AddressSteps::find_first() {
    constexpr unsigned most_bits = 16;  // of the table
    const auto width = static_cast<unsigned>(std::bit_width(steps_.back().from));
    shift_ = std::max(shift_, width > most_bits ? width - most_bits : 0);
    const std::uint32_t last = steps_.back().from >> shift_;
    std::uint32_t step = 0;
    for (std::uint32_t part = 0; part <= last; ++part) {
        while (step + 1 < steps_.size() && steps_[step + 1].from <= part << shift_) ++step;
        first_.push_back(step);
    }
    first_.push_back(static_cast<std::uint32_t>(steps_.size() - 1));
}

std::uint32_t AddressSteps::moved(std::uint32_t old_at) const {
    const std::size_t part = std::min<std::size_t>(old_at >> shift_, first_.size() - 2);
    std::uint32_t low = first_[part], high = first_[part + 1];  // the step that holds is one of [low, high]
    while (low < high) {
        const std::uint32_t middle = low + (high - low + 1) / 2;
        if (steps_[middle].from <= old_at)
            low = middle;
        else
            high = middle - 1;
    }
    return old_at + steps_[low].moved_by;
}

}  // namespace sb::diff
