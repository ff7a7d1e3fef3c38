// tools/cli: packages for devices that rewrite their image where it stands (scheme inplace).
#pragma once

#include "tools/cli/images.hpp"
#include "tools/cli/packages.hpp"
#include "tools/cli/payloads.hpp"
#include "tools/layout/layout.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::cli {

struct InPlaceJob {
    const ImageFile& image;
    const ImageFile& source;
    const layout::Layout& layout;
    std::vector<DecoderOffer> offers;  ///< those that the user's choice leaves of the layout's
    pack::PackageOptions options;      ///< what does not depend on the payload
    bool way_back = false;
    std::uint32_t segment_bytes = 0;
    Buffer claims{};  ///< as long as those that it will be signed with
};

/// The smallest package that a device of the layout rewrites its image with. Before it is given out, a simulated device
/// of that layout has installed it with the device's own code, confirmed it, and where there is a way back undone it.
[[nodiscard]] Draft pack_in_place(Shell& shell, const InPlaceJob& job, const pack::PrivateKey& key);

}  // namespace sb::cli
