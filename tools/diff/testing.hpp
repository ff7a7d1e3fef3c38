// tools/diff: what the tests of the patch formats share: damage to a patch, and what must come of it.
#pragma once

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff_testing {

/// Changes each byte of `patch` in several ways: applying and explaining it end in an image or in a PatchError.
inline void expect_an_image_or_an_error(const delta_testing::Pair& pair, delta_testing::Buffer patch) {
    for (std::size_t at = 0; at < patch.size(); ++at) {
        const std::uint8_t kept = patch[at];
        for (const unsigned change : {1U, 0x10U, 0x80U, 0xffU}) {
            patch[at] = static_cast<std::uint8_t>(kept ^ change);
            try {
                EXPECT_LE(diff::apply_patch(pair.old_image, patch).size(), 1U << 24);
            } catch (const diff::PatchError& e) {
                EXPECT_LE(e.offset_bytes, patch.size());
            }
            try {
                (void)diff::inspect_patch(patch);
            } catch (const diff::PatchError& e) {
                EXPECT_NE(e.error, Error::none);
            }
        }
        patch[at] = kept;
    }
}

}  // namespace sb::diff_testing
