// tools/diff/sbd: all that an encoder finds out about two images before it looks for what is alike in them: their
// instructions, where their parts are loaded, where RAM is.
#pragma once

#include <vector>

#include "core/delta/sbd/field.hpp"
#include "tools/diff/sbd/load_base.hpp"
#include "tools/diff/sbd/segments.hpp"

namespace sb::diff {

struct ImageDescription {
    sbd::Architecture architecture = sbd::Architecture::none;
    std::vector<sbd::LoadSegment> segments[2];  ///< of the old and of the new image
    std::uint32_t ram_address = 0;
    std::uint32_t ram_bytes = 0;
    std::uint32_t global_pointer[2] = {};  ///< RISC-V: what gp holds; 0: not known
    /// The images name their segments. Otherwise each has one, at a guess, and set_base() may set a better one.
    bool has_table = false;
};

/// What the images themselves say.
[[nodiscard]] ImageDescription describe(Bytes old_image, Bytes new_image);
/// The same, where the files that they came from said where they are loaded: tables without segments say nothing.
[[nodiscard]] ImageDescription describe(Bytes old_image, Bytes new_image, const LoadTable& old_table,
                                        const LoadTable& new_table);

/// One segment for each image, from `base` on. Requires: an architecture, no table.
void set_base(ImageDescription& description, Bytes old_image, Bytes new_image, std::uint32_t base);

}  // namespace sb::diff
