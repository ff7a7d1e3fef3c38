// tools/diff/sbd: in which way each page of an image is read in the fast form: for addresses in instructions, in
// tables, or for none.
#pragma once

#include <vector>

#include "tools/diff/sbd/rewriter.hpp"

namespace sb::diff {

/// By what stands in the pages of one image: words that all name a later place than the one before are offsets; many
/// words that name a distant place of the image are distances; all else may hold instructions.
[[nodiscard]] std::vector<Reading> pages_by_content(Bytes image);

struct PagesChosen {
    std::vector<Reading> pages;
    std::uint64_t wrong_bytes = 0;  ///< that are then not as predicted
};
/// By what predicts the new image best; of equal ones the simplest, which is decoded fastest.
[[nodiscard]] PagesChosen choose_pages(Bytes old, Bytes new_image, std::span<const MapBlock> covers,
                                       const Rewriter& rewriter);

/// The new image as far as `covers` predict it; 0 elsewhere.
[[nodiscard]] std::vector<std::uint8_t> predicted(Bytes old, std::size_t new_bytes, std::span<const MapBlock> covers,
                                                  std::span<const Reading> pages, const Rewriter& rewriter);

}  // namespace sb::diff
