// tools/pack: what was simulated before a package was signed (`pack --prove`): which device, which old image, how many
// power cuts, and what they led to. It stands among the claims of the payload descriptor, so the descriptor's signature
// is the counts' too; devices pass over it (docs/format.md, "Claims").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/crypto/crypto.hpp"

namespace sb::pack {

struct Proof {
    std::string layout{};          ///< its name; what is beyond 32 bytes is left out
    std::uint32_t layout_crc = 0;  ///< of layout::layout_crc()
    ShortDigest source{};          ///< start of the digest of the image that ran before (in slot A)
    std::uint32_t operations = 0;  ///< of the undisturbed lives; each was cut
    std::uint32_t cuts = 0;
    std::uint32_t ended_new = 0;
    std::uint32_t ended_old = 0;
    std::uint32_t ended_golden = 0;
    std::uint32_t update_mode = 0;  ///< went through it, as the scheme says, and came back
    std::uint32_t dead = 0;
    std::uint32_t max_boots = 0;  ///< after a cut, until all is as it should be
    std::uint32_t max_steps = 0;  ///< flash operations until then
    bool operator==(const Proof&) const = default;
};

/// As claims. How long they are depends on the layout's name alone, not on the counts: the package that is simulated is
/// as long as the one that tells of it.
[[nodiscard]] std::vector<std::uint8_t> encode_proof(const Proof& proof);
/// Nothing: there is none in these claims.
[[nodiscard]] std::optional<Proof> decode_proof(Bytes claims);

}  // namespace sb::pack
