// tools/cli: the ways to carry an image in a package, and the making of each.
#pragma once

#include <functional>
#include <vector>

#include "core/manifest/package.hpp"
#include "tools/cli/files.hpp"
#include "tools/diff/patch.hpp"

namespace sb::cli {

struct Payload {
    PayloadFormat format = PayloadFormat::raw;
    Buffer bytes;
    std::uint32_t decoder_ram_bytes = 0;
    Buffer parameters{};  ///< of the decoder, for the package's descriptor
};

/// What offers the largest of the usual memories: for packages that no layout limits.
[[nodiscard]] DecoderOffer generous_offer(PayloadFormat format);

/// Whether a payload can be made that a decoder of `offer` takes: LZMA's smallest dictionary must fit, and so on.
[[nodiscard]] bool can_be_met(const DecoderOffer& offer);

/// Bytes between two points of the image where decoding such a payload can start again, when the packer is not told
/// otherwise: 1 where it can anywhere, 0 where it begins anew.
[[nodiscard]] std::uint32_t usual_segment_bytes(const DecoderOffer& offer);

/// How `diff` makes a payload for a decoder of `offer`. Requires: can_be_met(offer); not raw.
[[nodiscard]] diff::DiffOptions diff_options_for(const DecoderOffer& offer);

/// As in diff::DiffOptions.
struct PayloadOptions {
    std::uint32_t segment_bytes = 0;
    std::uint32_t preamble_bytes = 0;
    std::function<void(double)> progress{};
};

/// Makes the payload that gives `image`, for a decoder of `offer`. `old_image` is read by deltas only.
/// Requires: can_be_met(offer).
[[nodiscard]] Payload make_payload(const DecoderOffer& offer, Bytes image, Bytes old_image, const PayloadOptions& how);

}  // namespace sb::cli
