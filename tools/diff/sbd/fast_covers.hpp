// tools/diff/sbd: the covers of the fast form. Where addresses have moved, code that is the same looks different; so
// covers are chosen in turns: the first ones tell where things went, and then both images are compared with their
// addresses rewritten.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tools/diff/sbd/fast_types.hpp"
#include "tools/diff/sbd/image_description.hpp"

namespace sb::diff {

struct FastCoverOptions {
    unsigned turns = 2;  ///< at least 1
    unsigned threads = 0;
    std::optional<ImageDescription> description{};  ///< none: found out
    std::function<void(double fraction)> progress{};
};

struct FastCovers {
    std::vector<MapBlock> covers;  ///< most_covers at most
    ImageDescription description;
};
/// `types`: of both images, or null. Throws what choose_covers() throws.
[[nodiscard]] FastCovers choose_fast_covers(Bytes old, Bytes new_image, const TypePair* types,
                                            const FastCoverOptions& options);

/// Refers to `description`.
[[nodiscard]] sbd::Ground ground_of(const ImageDescription& description, Bytes old, Bytes new_image);

}  // namespace sb::diff
