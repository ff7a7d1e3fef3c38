// tools/diff: writes a list of covers as the instruction stream of ENDSLEY/BSDIFF43 (docs/format-delta.md).
#pragma once

#include "tools/diff/cover.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

/// The stream, and where it may be cut so that each part makes the same number of image bytes.
struct EndsleyText {
    std::vector<std::uint8_t> bytes;
    std::vector<std::size_t> cuts;  ///< ends of the segments in `bytes`; the last one is bytes.size()
};

/// The 24 bytes before the stream.
[[nodiscard]] std::vector<std::uint8_t> endsley_header(std::size_t new_bytes);

/// Writes the stream piece by piece.
void write_endsley(Bytes old, Bytes new_image, const Covers& covers, Sink& to);

/// `segment_bytes`: image bytes that each segment makes (0: all in one). A triple stands whole at the start of the
/// segment that makes its first byte.
[[nodiscard]] EndsleyText write_endsley(Bytes old, Bytes new_image, const Covers& covers, std::size_t segment_bytes);

}  // namespace sb::diff
