// tools/diff/sbd: decodes a whole sbd patch in memory, with the model of core/delta/sbd. Decides the same as a device's
// SbdDecoder; beyond it, says what bits were spent on and where each byte came from.
#pragma once

#include "core/base/result.hpp"
#include "tools/diff/sbd/coding.hpp"

namespace sb::diff {

struct SbdPatch {
    sbd::Prepared prepared;  ///< refers to `memory`
    std::vector<std::uint32_t> memory;
    std::vector<Bytes> segments;  ///< of the patch
    std::uint32_t preamble_bytes = 0;
};

/// Takes a patch apart. Throws PatchError.
[[nodiscard]] SbdPatch open_sbd(Bytes patch);

struct DecodedImage {
    std::vector<std::uint8_t> image;
    Spending spent{};             ///< bits
    std::vector<SourceRun> runs;  ///< where bytes came from; nothing for stored images
};

/// Decodes, and compares the digests' beginnings. Throws PatchError.
[[nodiscard]] DecodedImage decode_sbd(Bytes old, Bytes patch);

}  // namespace sb::diff
