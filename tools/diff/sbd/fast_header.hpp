// tools/diff/sbd: what stands in front of a patch in the fast form: a preamble as the other form has it, but for its
// version; then how much there is of what.
#pragma once

#include <vector>

#include "tools/diff/sbd/fast_form.hpp"

namespace sb::diff {

struct FastHeader {
    sbd::Prepared prepared;             ///< refers to `memory`
    std::vector<std::uint32_t> memory;  ///< for load segments
    std::uint32_t preamble_bytes = 0;
    std::array<Packing, fast_parts> packing{};  ///< of the parts
    std::uint32_t covers = 0;
    std::uint32_t fixes = 0;
    std::array<std::uint32_t, fast_parts> packed_bytes{};  ///< of the parts
    std::uint32_t bytes = 0;                               ///< of all this; the parts follow

    [[nodiscard]] const sbd::Ground& ground() const { return prepared.plan.ground; }
};

/// Whether these are the first bytes of such a patch.
[[nodiscard]] bool is_fast_form(Bytes head);

/// As many first bytes as a header has at most.
inline constexpr std::uint32_t most_header_bytes = sbd::max_preamble_bytes + 1 + (2 + fast_parts) * 5;
/// Takes the header of a patch of `patch_bytes` apart, of which `head` is the beginning. Throws PatchError.
[[nodiscard]] FastHeader read_fast_header(Bytes head, std::uint64_t patch_bytes);

struct FastCounts {
    std::uint32_t covers = 0;
    std::uint32_t fixes = 0;
};
struct PackedPart {
    Packing packing = Packing::zstd;
    std::vector<std::uint8_t> bytes;
};
/// The whole patch. Requires: no flags in `plan` but the architecture's and own_spaces, no segments.
[[nodiscard]] std::vector<std::uint8_t> write_fast_patch(const sbd::Plan& plan, const FastCounts& counts,
                                                         const std::array<PackedPart, fast_parts>& parts);

}  // namespace sb::diff
