// tools/diff: looks into a container of LZMA segments without unpacking it.
#pragma once

#include "tools/diff/patch.hpp"

namespace sb::diff {

struct ContainerInfo {
    std::uint32_t dictionary_bytes = 0;
    std::vector<SegmentInfo> segments;
    std::uint64_t plain_bytes = 0;  ///< of all segments
};

/// Reads header and lengths of `container`, which stands at `at` in the patch. Throws PatchError.
[[nodiscard]] ContainerInfo read_container(Bytes container, std::uint64_t at);

/// Unpacks it, with the decoder of the core. Throws PatchError.
[[nodiscard]] std::vector<std::uint8_t> unpack_container(Bytes container, const ContainerInfo& info, std::uint64_t at);

}  // namespace sb::diff
