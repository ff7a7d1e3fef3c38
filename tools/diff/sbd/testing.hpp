// tools/diff/sbd: what its tests share: a patch decoded by the host and by a device, which must agree.
#pragma once

#include <optional>

#include "core/delta/sbd/testing.hpp"
#include "tools/diff/sbd/encoder.hpp"
#include "tools/diff/sbd/load_base.hpp"
#include "tools/diff/sbd/whole_decoder.hpp"

namespace sb::sbd_testing {

/// The image that the host makes; none when it refuses the patch.
inline std::optional<Buffer> on_host(Bytes old_image, Bytes patch, Error* why = nullptr) {
    try {
        return diff::decode_sbd(old_image, patch).image;
    } catch (const diff::PatchError& e) {
        if (why != nullptr) *why = e.error;
        return std::nullopt;
    }
}

/// The image that a device makes that was told its size, and that of the old one; none when it refuses the patch.
inline std::optional<Buffer> on_device(Bytes old_image, Bytes patch, std::size_t image_bytes) {
    Device device(old_image, patch, image_bytes);
    if (!device.feed()) return std::nullopt;
    return device.made.image;
}

/// Options with all that an encoder would else find out: an image of calls says nothing of where it is loaded.
inline diff::SbdOptions options_for(const Pair& pair, Architecture architecture, std::uint32_t base = 0) {
    diff::SbdOptions options;
    options.level = 1;
    options.threads = 1;
    options.description.emplace();
    if (architecture == Architecture::none) return options;
    options.description->architecture = architecture;
    const sbd::UsualSpaces usual = sbd::usual_spaces(architecture);
    options.description->ram_address = usual.ram_address;
    options.description->ram_bytes = usual.ram_bytes;
    diff::set_base(*options.description, pair.old_image, pair.new_image, base);
    options.description->has_table = true;  // no other base is tried
    return options;
}

/// Long runs of hits by blocks.
template <class Options>
void code_in_blocks(Options& options, std::uint32_t block_bytes) {
    if constexpr (requires { options.block_bytes; })
        options.block_bytes = block_bytes;
    else
        options.paces.usual.block_bytes = options.paces.quiet.block_bytes = block_bytes;
}

inline Buffer patch_of(const Pair& pair, const diff::SbdOptions& options) {
    return diff::encode_sbd(pair.old_image, pair.new_image, options).patch();
}

}  // namespace sb::sbd_testing
