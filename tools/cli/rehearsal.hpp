// tools/cli: a package that can be gone back from is tried on a simulated device of its layout before it is given out.
#pragma once

#include "tools/cli/images.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/payloads.hpp"
#include "tools/layout/layout.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::cli {

/// A delta for devices of one layout.
struct PatchJob {
    const ImageFile& image;
    const ImageFile& source;
    const layout::Layout& layout;
    std::vector<DecoderOffer> offers;  ///< those that the user's choice leaves of the layout's
    pack::PackageOptions options;      ///< what does not depend on the payload
    bool way_back = false;             ///< and the patch that brings `source` back
    std::uint32_t segment_bytes = 0;
    Buffer claims{};  ///< as long as those that it will be signed with
};

/// A device that runs the old image installs the package with the device's own code and confirms the new one; where
/// there is a way back another one does not confirm it, and must end with the old image. Throws Failure.
void rehearse(const PatchJob& job, const pack::PrivateKey& key, Bytes package);

}  // namespace sb::cli
