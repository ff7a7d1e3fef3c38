// tools/pack: explains any SUIT envelope (draft-ietf-suit-manifest-34), ours or another's: what is in it by name,
// whether its signatures verify, and whether the strict profile takes it; if not, why, in words. The core decides,
// this explains.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/crypto/crypto.hpp"
#include "core/manifest/package.hpp"
#include "tools/pack/problem.hpp"

namespace sb::pack {

struct SuitExplanation {
    /// "authentication", "manifest", "severed", "payload_descriptor", "strict_profile", …
    nlohmann::ordered_json tree;
    std::size_t envelope_bytes = 0;
    bool digest_matches = false;  ///< SUIT_Digest and manifest
    bool verified = false;        ///< the manifest's signature, by one of the given keys
    /// What the core's parser says of the structure when signatures are left aside; none: taken.
    Error strict_error = Error::none;
    /// What it says, for each slot where it holds a build for each; empty when the structure is not taken. Nothing of
    /// it is to be believed unless `verified`.
    std::vector<Package> builds{};
    /// Why the strict profile does not take it, each a phrase; empty when it does.
    std::vector<std::string> reasons;
};

/// Explains the envelope at the start of `file`; what follows it is the payload.
/// Errors: bad_input with the offset when it is not a SUIT envelope in deterministic CBOR.
[[nodiscard]] Outcome<SuitExplanation> explain_suit(Bytes file, KeyRing keys);

/// Whether `file` starts as a SUIT envelope does (CBOR tag 107).
[[nodiscard]] bool looks_like_suit(Bytes file);

/// A tree as an indented outline for people.
[[nodiscard]] std::string outline(const nlohmann::ordered_json& tree, int indent = 0);

}  // namespace sb::pack
