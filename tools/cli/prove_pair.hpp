// tools/cli: `pack --prove`: every power cut of an update, and of the way back from it, on a simulated device as a
// layout describes it, with the very package that is given out.
#pragma once

#include "tools/cli/images.hpp"
#include "tools/layout/layout.hpp"
#include "tools/pack/keys.hpp"
#include "tools/pack/proof.hpp"

namespace sb::cli {

/// An image that is updated: what runs, and what is to run.
struct ProvenBuild {
    const ImageFile& old_image;
    const ImageFile& new_image;
};

struct ProveJob {
    const layout::Layout& layout;
    std::string class_name;
    std::vector<ProvenBuild> builds;  ///< one, or slot A's and slot B's
    bool way_back = false;            ///< inplace: the package brings one
    const pack::PrivateKey& key;      ///< that signed package and images
};

/// What the claims say before anything is counted; as long as what prove_pair() gives.
[[nodiscard]] pack::Proof proof_to_be(const ProveJob& job);

/// Simulates all of it. Throws Failure when a device cannot take the package or a cut leaves it dead, having told the
/// story of the first one on standard error.
[[nodiscard]] pack::Proof prove_pair(Shell& shell, const ProveJob& job, Bytes package);

/// What `inspect` and `pack` say of a proof.
[[nodiscard]] Json proof_json(const pack::Proof& proof);
[[nodiscard]] std::string proof_text(const pack::Proof& proof);

}  // namespace sb::cli
