// tools/diff/sbd: codes a parsed image. The model is the decoder's own (core/delta/sbd/model.hpp); each segment is
// coded for itself, so segments are coded side by side.
#pragma once

#include "core/delta/sbd/all_fields.hpp"
#include "core/delta/sbd/plan.hpp"
#include "tools/diff/sbd/block_map.hpp"
#include "tools/diff/sbd/range_encoder.hpp"

namespace sb::diff {

using sbd::AllFields;

struct CodedImage {
    std::vector<std::uint8_t> preamble;
    std::vector<std::vector<std::uint8_t>> segments;
    Spending spent{};

    /// Of the patch as a file.
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::vector<std::uint8_t> patch() const;
};

/// Codes `new_image` by `runs`, which cover it in order. `plan` has all but sizes of tables; its load segments outlive
/// the call. Throws std::length_error when plan and blocks do not fit the decoder's memory.
[[nodiscard]] CodedImage code_image(const sbd::Plan& plan, Bytes old, Bytes new_image,
                                    std::span<const sbd::MapBlock> blocks, std::span<const SourceRun> runs,
                                    unsigned threads = 1);

}  // namespace sb::diff
