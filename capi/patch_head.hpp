// capi: what the first bytes of a patch file say: its format and, where it tells them, sizes and memory. Packages say
// all that in their descriptor; a bare patch has only its own header, which is read with the parsers of core/delta.
#pragma once

#include <optional>

#include "core/delta/decoder.hpp"

namespace sb::capi {

struct PatchHead {
    PayloadFormat format = PayloadFormat::raw;
    std::optional<std::uint32_t> new_bytes{};
    std::optional<std::uint32_t> old_bytes{};                             ///< sbd: at least; hdiffsf: exactly
    std::optional<std::uint32_t> memory_bytes{};                          ///< on this machine
    std::optional<std::array<std::array<std::uint8_t, 4>, 2>> digests{};  ///< of old and new image
    std::uint32_t parameter_bytes = 0;  ///< sbd: what the decoder is given apart, in front of its payload
};

/// Errors: as switchback_patch_inspect().
[[nodiscard]] Result<PatchHead> read_patch_head(Bytes head, std::uint32_t patch_bytes);

}  // namespace sb::capi
