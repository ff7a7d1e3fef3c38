// tools/diff/sbd: makes patches in the fast form (docs/sbd.md, "The fast form").
#pragma once

#include "tools/diff/sbd/fast_covers.hpp"

namespace sb::diff {

struct FastOptions {
    unsigned level = 3;  ///< 1 to 3: packed with zstd; 4 to 9: by context mixing
    unsigned threads = 0;
    std::optional<ImageDescription> description{};  ///< none: found out
    std::function<void(double fraction)> progress{};
};

/// A patch that decodes to `new_image`; the same for any number of threads. Throws std::length_error for images of
/// 1 GiB or more.
[[nodiscard]] std::vector<std::uint8_t> encode_fast(Bytes old, Bytes new_image, const FastOptions& options);

}  // namespace sb::diff
