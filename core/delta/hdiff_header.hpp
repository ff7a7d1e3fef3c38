// core/delta: what stands before the data in patches of HDiffPatch, for programs that have the whole patch: HDIFF13
// (four parts, each packed by itself or plain) and HDIFFSF20 (one row of steps, packed or plain). Both begin with a
// magic, the name of a compression (may be empty), a zero byte, and numbers. Bytes: docs/format-delta.md.
#pragma once

#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

inline constexpr std::string_view hdiff_parts_magic = "HDIFF13&";
inline constexpr std::string_view hdiff_steps_name = "HDIFFSF20&";
/// No header is longer: magic, a name of at most 16 bytes, 11 numbers.
inline constexpr std::uint32_t hdiff_max_header_bytes = 160;

/// A stretch of the patch.
struct HdiffPart {
    std::uint32_t plain_bytes = 0;
    std::uint32_t packed_bytes = 0;  ///< 0: it stands there plain

    [[nodiscard]] std::uint32_t stored_bytes() const { return packed_bytes != 0 ? packed_bytes : plain_bytes; }
};

struct HdiffPartsHeader {
    std::string_view compression;  ///< points into the header that was parsed
    std::uint32_t bytes = 0;       ///< of the header: the parts follow, in the order below, to the patch's end
    std::uint32_t new_bytes = 0;
    std::uint32_t old_bytes = 0;
    std::uint32_t covers = 0;
    HdiffPart cover_numbers;  ///< three numbers a cover: seek in the old image (with sign), bytes before it, length
    HdiffPart runs;           ///< of the differences: type and length
    HdiffPart values;         ///< of the runs
    HdiffPart fresh;          ///< bytes of the new image that are in no cover
};

struct HdiffStepsHeader {
    std::string_view compression;
    std::uint32_t bytes = 0;
    std::uint32_t new_bytes = 0;
    std::uint32_t old_bytes = 0;
    std::uint32_t covers = 0;
    std::uint32_t step_bytes = 0;  ///< the memory that its largest step needs
    HdiffPart steps;
};

/// Parses the first bytes of a patch (hdiff_max_header_bytes are enough). `patch_bytes`: of the whole patch, which
/// must be as long as the header says. Errors: malformed, truncated, trailing_data, too_large from 4 GiB.
[[nodiscard]] Result<HdiffPartsHeader> parse_hdiff_parts_header(Bytes head, std::uint32_t patch_bytes);
[[nodiscard]] Result<HdiffStepsHeader> parse_hdiff_steps_header(Bytes head, std::uint32_t patch_bytes);

}  // namespace sb
