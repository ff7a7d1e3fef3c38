#include <divsufsort.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "tools/diff/cover.hpp"

namespace sb::diff {
namespace {

/// How far `a` and `b` agree, given that they do for `known` bytes.
std::size_t agreement(Bytes a, Bytes b, std::size_t known) {
    const std::size_t limit = std::min(a.size(), b.size());
    const auto differ =
        std::mismatch(a.begin() + static_cast<std::ptrdiff_t>(known), a.begin() + static_cast<std::ptrdiff_t>(limit),
                      b.begin() + static_cast<std::ptrdiff_t>(known));
    return static_cast<std::size_t>(differ.first - a.begin());
}

}  // namespace

SuffixIndex::SuffixIndex(Bytes old) : old_(old) {
    if (old.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw std::length_error("the old image is 2 GiB or larger: too large for this matcher");
    suffixes_.resize(old.size());
    if (!old.empty() && divsufsort(old.data(), suffixes_.data(), static_cast<std::int32_t>(old.size())) != 0)
        throw std::bad_alloc();
}

Match SuffixIndex::longest(Bytes target) const {
    if (suffixes_.empty()) return {};
    const auto suffix = [this](std::size_t rank) { return old_.subspan(static_cast<std::size_t>(suffixes_[rank])); };
    std::size_t low = 0;
    std::size_t high = suffixes_.size() - 1;
    std::size_t at_low = agreement(suffix(low), target, 0);
    std::size_t at_high = agreement(suffix(high), target, 0);
    while (high - low > 1) {
        const std::size_t middle = low + (high - low) / 2;
        const Bytes candidate = suffix(middle);
        // all suffixes between two share what the two have in common with the target
        const std::size_t agreed = agreement(candidate, target, std::min(at_low, at_high));
        if (agreed == target.size()) return {static_cast<std::size_t>(suffixes_[middle]), agreed};
        if (agreed == candidate.size() || candidate[agreed] < target[agreed]) {
            low = middle;
            at_low = agreed;
        } else {
            high = middle;
            at_high = agreed;
        }
    }
    return at_low >= at_high ? Match{static_cast<std::size_t>(suffixes_[low]), at_low}
                             : Match{static_cast<std::size_t>(suffixes_[high]), at_high};
}

MatchTable::MatchTable(const SuffixIndex& index, Bytes new_image)
    : index_(index), new_(new_image), old_at_(new_image.size(), 0), bytes_(new_image.size(), unknown) {}

Match MatchTable::at(std::size_t new_at) {
    if (bytes_[new_at] == unknown) {
        const Match found = index_.longest(new_.subspan(new_at));
        old_at_[new_at] = static_cast<std::uint32_t>(found.old_at);
        bytes_[new_at] = static_cast<std::uint32_t>(found.bytes);
    }
    return {old_at_[new_at], bytes_[new_at]};
}

}  // namespace sb::diff
