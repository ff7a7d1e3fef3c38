// tools/diff/sbd: the fast form of sbd, for large images on hosts (docs/sbd.md, "The fast form"): covers, whose address
// fields are rewritten before the few bytes that still differ are put right, packed with zstd or by context mixing.
// What makers and decoders of it share.
#pragma once

#include <array>
#include <string_view>

#include "core/delta/sbd/plan.hpp"

namespace sb::diff {

using sbd::MapBlock;

/// As patches of this form are called.
inline constexpr std::string_view fast_form_name = "sbd-fast";
/// Stands where the version of a preamble does, so that decoders of devices answer `unsupported`.
inline constexpr std::uint8_t fast_version = 15;

/// How the words of a page are read. Behind `plain` each has its own idea of what an address field is.
enum class Reading : std::uint8_t {
    plain = 0,         ///< no addresses
    instructions = 1,  ///< fields of the architecture
    distances = 2,     ///< words that name a place by its distance
    offsets = 3,       ///< words that name a place by its offset in the image
    types = 4          ///< words of a table of types (type_map.hpp)
};
inline constexpr std::size_t readings = 5;
/// Of the new image: bytes that are read in one way.
inline constexpr std::uint32_t page_bytes = 4096;
[[nodiscard]] constexpr std::uint32_t pages_of(std::uint32_t image_bytes) {
    return image_bytes / page_bytes + (image_bytes % page_bytes != 0 ? 1 : 0);
}

enum class Packing : std::uint8_t {
    zstd = 0,  ///< a frame for each part
    mixed = 1  ///< codec_mixed.hpp: smaller, slower
};

/// The parts of a patch behind its preamble, each packed for itself, in this order.
enum class FastPart : std::uint8_t {
    gaps,       ///< varints: bytes between covers, for each cover
    lengths,    ///< varints: bytes of each cover
    diagonals,  ///< differences: old place - new place of each cover, less that of the one before
    pages,      ///< a byte a page: its Reading
    distances,  ///< varints: bytes between one fix and the next
    fixes,      ///< bytes: what is added to a predicted byte
    extra,      ///< bytes outside of covers
    types       ///< where tables of types stand, and how types are numbered anew
};
inline constexpr std::size_t fast_parts = 8;
inline constexpr std::array<std::string_view, fast_parts> fast_part_names{"gaps between covers", "lengths of covers",
                                                                          "diagonals",           "pages",
                                                                          "distances of fixes",  "fixes",
                                                                          "extra bytes",         "types"};

// What a decoder takes at most.
inline constexpr std::uint32_t most_covers = 1U << 18;
inline constexpr std::uint32_t most_type_steps = 1U << 17;
inline constexpr int fast_window_log2 = 18;

}  // namespace sb::diff
