// tools/diff: writes a list of covers as a patch of HPatchLite (docs/format-delta.md).
#pragma once

#include "core/delta/hpatchlite_stream.hpp"
#include "tools/diff/cover.hpp"

namespace sb::diff {

/// The bytes before the stream; `plain_bytes` is the stream's size where it is packed, else 0.
[[nodiscard]] std::vector<std::uint8_t> hpatchlite_header(HpatchliteCompression compression, std::size_t new_bytes,
                                                          std::size_t plain_bytes);

/// Where a cover stands in the stream: its numbers, the bytes before it, its differences.
struct CoverText {
    std::size_t at = 0;
    std::size_t gap_at = 0;
    std::size_t differences_at = 0;
    std::size_t end = 0;
};

/// The stream. What is left of the new image behind the last cover comes before a cover of 0 bytes, which may be
/// given.
[[nodiscard]] std::vector<std::uint8_t> write_hpatchlite(Bytes old, Bytes new_image, const Covers& covers,
                                                         std::vector<CoverText>* texts = nullptr);

}  // namespace sb::diff
