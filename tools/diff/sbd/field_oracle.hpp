// tools/diff/sbd: which bytes of the new image a decoder would predict from where, address fields rewritten: what the
// second parse goes by. It knows the block map only, not what a decoder learns on its way.
#pragma once

#include "core/delta/sbd/source.hpp"
#include "tools/diff/sbd/coding.hpp"
#include "tools/diff/sbd/parse.hpp"

namespace sb::diff {

/// Where instructions of the old image begin, if one begins at its first byte.
[[nodiscard]] std::vector<bool> instruction_starts(const sbd::Ground& ground, Bytes old);

class FieldOracle final : public HitOracle {
public:
    /// Requires: all outlive it; `blocks` in the order of the new image.
    FieldOracle(const sbd::Plan& plan, Bytes old, Bytes new_image, std::span<const sbd::MapBlock> blocks,
                const std::vector<bool>& starts);

    [[nodiscard]] std::uint64_t holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) override;

private:
    const sbd::Plan& plan_;
    const sbd::Ground& ground_;
    Bytes old_, new_;
    const std::vector<bool>& starts_;
    sbd::Tables tables_;
    sbd::MemorySource source_;
};

}  // namespace sb::diff
