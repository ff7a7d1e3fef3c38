// tools/diff: makes patches, applies them and explains them. Encoders share one matching core (cover.hpp); patches
// are applied by the decoders of core/delta, the same code that runs on a device. Bytes: docs/format-delta.md.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/delta/decoder.hpp"
#include "core/delta/format_name.hpp"

namespace sb::diff {

struct DiffOptions {
    std::string format = "endsley";  ///< one of formats()
    std::string compress{};          ///< empty: the format's own first choice
    std::uint32_t ram_bytes = 0;     ///< largest LZMA dictionary: 4K, 8K or 16K; 0: 16K
    /// Image bytes between two points where decoding can start again (a multiple of the device's erase unit is
    /// best). 0: one segment for images below 128 KB, 64 KB from there on.
    std::uint32_t segment_bytes = 0;
    std::function<void(double fraction)> progress{};  ///< 0 to 1; may be empty
};

struct Patch {
    std::vector<std::uint8_t> bytes;
    PayloadFormat format = PayloadFormat::raw;
    std::uint32_t decoder_ram_bytes = 0;  ///< work memory of its decoder
};

/// A format that diff offers.
struct FormatEntry {
    std::string_view name;
    std::span<const std::string_view> compressions;  ///< the first one is the default
    std::string_view description;
    Patch (*encode)(Bytes old, Bytes new_image, const DiffOptions& options);
};
[[nodiscard]] std::span<const FormatEntry> formats();

/// A format, compression or size that is not offered. For people; a matter of wrong use.
struct OptionError final : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// A patch that is not what it claims to be.
struct PatchError final : std::runtime_error {
    PatchError(Error why, std::uint64_t where, const std::string& message)
        : std::runtime_error(message), error(why), offset_bytes(where) {}
    Error error;
    std::uint64_t offset_bytes;  ///< in the patch, where the decoder stopped
};

/// Makes a patch from `old` to `new_image` and applies it before it returns. For format `lzma` `old` is not read.
/// Throws OptionError; std::length_error for images of 2 GiB or more; std::runtime_error when the patch does not
/// apply (a defect here).
[[nodiscard]] Patch make_patch(Bytes old, Bytes new_image, const DiffOptions& options);

/// Applies a patch, its format told by its first bytes. A wrong old image is not noticed by these formats: compare
/// digests. Throws PatchError.
[[nodiscard]] std::vector<std::uint8_t> apply_patch(Bytes old, Bytes patch);

struct SegmentInfo {
    std::uint32_t packed_bytes = 0;
    std::uint32_t plain_bytes = 0;
};

struct PatchInfo {
    PayloadFormat format = PayloadFormat::raw;
    std::uint64_t new_bytes = 0;
    std::uint32_t dictionary_bytes = 0;  ///< 0 without LZMA
    std::uint32_t decoder_ram_bytes = 0;
    std::vector<SegmentInfo> segments;  ///< of LZMA
    // where the new image comes from; all 0 for format lzma
    std::uint64_t covers = 0;
    double mean_cover_bytes = 0;
    std::uint64_t diff_bytes = 0;       ///< made from old bytes
    std::uint64_t unchanged_bytes = 0;  ///< of these, equal to the old ones
    std::uint64_t extra_bytes = 0;      ///< carried in the patch
};

/// Explains a patch; nothing when its first bytes are of no format known here. Throws PatchError when it is one of
/// ours but broken.
[[nodiscard]] std::optional<PatchInfo> inspect_patch(Bytes patch);

/// The payload format that the first bytes of `patch` name.
[[nodiscard]] std::optional<PayloadFormat> recognise_patch(Bytes patch);

/// Name of a payload format as on the command line: "endsley+lzma".
[[nodiscard]] inline std::string_view payload_format_name(PayloadFormat format) {
    return format_name(format);
}

}  // namespace sb::diff
