// tools/diff/sbd: where each byte of the old image has gone in the new one, as a function of steps that covers give.
// Quick to ask: rewriting asks it a million times for an image of some MB.
#pragma once

#include <span>
#include <vector>

#include "core/delta/sbd/address_map.hpp"

namespace sb::diff {

class AddressSteps {
public:
    /// Shorter covers say little about where addresses go.
    static constexpr std::uint32_t shortest = 32;

    /// Where covers overlap in the old image the longer one counts; between two, the nearer one.
    explicit AddressSteps(std::span<const sbd::MapBlock> covers);

    /// The place in the new image of an offset in the old one; without covers the same.
    [[nodiscard]] std::uint32_t moved(std::uint32_t old_at) const;

private:
    struct Step {
        std::uint32_t from = 0;  ///< it holds from here up to the next one
        std::uint32_t moved_by = 0;
    };
    void find_first();

    std::vector<Step> steps_;           ///< at least one, the first from 0
    std::vector<std::uint32_t> first_;  ///< by the upper bits of an offset: the step that holds at its lowest value
    unsigned shift_ = 10;
};

}  // namespace sb::diff
