// tools/diff/sbd: makes sbd patches (docs/sbd.md). What is alike is found (match_finder), the cheapest way through it
// chosen (parse), twice: the second time knowing what addresses will be rewritten to; then the parameters are tried.
#pragma once

#include "tools/diff/patch.hpp"
#include "tools/diff/sbd/coding.hpp"
#include "tools/diff/sbd/image_description.hpp"

namespace sb::diff {

/// How fast a device shall decode. Long runs of bytes that are as predicted are then told in blocks, which costs some
/// bytes of the patch (docs/sbd.md has both).
enum class DecodingSpeed : std::uint8_t {
    smallest,  ///< the smallest patch
    m4,        ///< for a Cortex-M4
    m0,        ///< for a Cortex-M0
};
struct Paces {
    sbd::Pace usual{};
    sbd::Pace
        quiet{};  ///< where the patch is below a fiftieth of the image: there decoding is quick, and blocks cost most
};
[[nodiscard]] Paces paces_of(DecodingSpeed speed);

/// An update that overwrites the old image: both stand in `memory_bytes` of flash, the new one at its start, the old
/// one shifted to its end.
struct InPlace {
    std::uint32_t memory_bytes = 0;
    std::uint32_t erase_bytes = 4096;
};

struct SbdOptions {
    sbd::Budget budget = sbd::Budget::k16;
    std::optional<std::uint32_t> segment_bytes;  ///< 0: one; none: chosen by size
    Paces paces{};                               ///< powers of two
    std::optional<InPlace> in_place;
    std::uint32_t preamble_bytes = sbd::max_preamble_bytes;  ///< that the preamble may take, where fewer blocks help
    unsigned level = 6;                                      ///< 1 fast … 9 smallest
    unsigned threads = 0;
    std::optional<ImageDescription> description;  ///< none: found out
    std::function<void(double)> progress;
};

/// A patch that decodes to `new_image`. Throws std::length_error for images of 2 GiB or more together.
[[nodiscard]] CodedImage encode_sbd(Bytes old, Bytes new_image, const SbdOptions& options);

}  // namespace sb::diff
