// tools/diff: covers of images that do not fit memory. The new image is taken block by block. What of a block stands
// in the old image as it is, a rolling hash finds (rolling_index.hpp); the old bytes around are gathered, and with
// them the block is matched as a small image is.
#pragma once

#include "tools/diff/patch.hpp"
#include "tools/diff/rolling_index.hpp"
#include "tools/diff/select_covers.hpp"

namespace sb::diff {

struct BlockLimits {
    std::size_t table_bytes = 0;     ///< of the rolling index
    std::size_t gathered_bytes = 0;  ///< old bytes looked at with one block; matching takes five times as much
    std::size_t block_bytes = 0;     ///< of the new image
};

/// A part of the new image with its covers.
struct CoveredBlock {
    std::uint32_t from = 0;  ///< in the new image
    Bytes image;
    struct Part {
        Cover cover;  ///< in the new image; where in the old one
        Bytes old;    ///< what stands there
    };
    std::vector<Part> parts;  ///< in order, without overlap
};

struct BlockRequest {
    BlockLimits limits{};
    PriceScales scales{};
    std::size_t min_bytes = 0;  ///< shorter covers are not used
    std::function<void(double fraction)> progress{};
};

/// What the options ask for. Throws OptionError when the memory is too little.
[[nodiscard]] BlockRequest block_request(const DiffOptions& options);

/// Calls `use` with each block in order; what it gets is there until it returns. Throws std::runtime_error when
/// reading fails.
void cover_blocks(Reader& old, Reader& new_image, const BlockRequest& request,
                  const std::function<void(const CoveredBlock& block)>& use);

}  // namespace sb::diff
