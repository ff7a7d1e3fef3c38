// tools/diff: makes patches, applies them and explains them. Encoders share one matching core (cover.hpp); patches
// are applied by the decoders of core/delta, the same code that runs on a device; where a host can be much quicker
// (sbd, VCDIFF) by one that tests hold against it. What a format brings stands behind one entry each (format.hpp).
// Bytes: docs/format-delta.md.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/reader.hpp"
#include "core/delta/decoder.hpp"
#include "core/delta/format_name.hpp"

namespace sb::diff {

/// Where bytes are put, in order.
class Sink {
public:
    virtual void write(Bytes bytes) = 0;
    /// As write(), of bytes that stay as they are until settle() has returned: they need not be copied.
    virtual void lend(Bytes bytes) { write(bytes); }
    /// Waits until nothing that was lent is needed any more. What went wrong is told by a later call.
    virtual void settle() noexcept {}

protected:
    ~Sink() = default;
};

class BufferSink final : public Sink {
public:
    explicit BufferSink(std::vector<std::uint8_t> before = {}) : made(std::move(before)) {}
    void write(Bytes bytes) override { made.insert(made.end(), bytes.begin(), bytes.end()); }
    std::vector<std::uint8_t> made;
};

struct LoadTable;  // tools/diff/sbd/segments.hpp

struct DiffOptions {
    std::string format = "sbd";   ///< one of formats()
    std::string compress{};       ///< empty: the format's own first choice
    std::uint32_t ram_bytes = 0;  ///< largest LZMA dictionary: 4K, 8K or 16K; 0: 16K
    /// Image bytes between two points where decoding can start again (a multiple of the device's erase unit is
    /// best). 0: one segment for images below 128 KB, 64 KB from there on.
    std::uint32_t segment_bytes = 0;
    /// Image bytes that a decoder holds at a time (VCDIFF's target window). 0: what suits the format.
    std::uint32_t window_bytes = 0;
    /// For make_patch_bounded(): what the whole process may take. In place: flash that both images share.
    std::uint64_t memory_bytes = 0;
    bool in_place = false;              ///< sbd: the new image overwrites the old one
    std::uint32_t erase_bytes = 4096;   ///< in place: the device's erase unit, a power of two
    std::uint32_t min_cover_bytes = 0;  ///< shorter stretches of the old image are not used
    std::string speed{};                ///< sbd: for what the patch shall be quick to decode: smallest, m4, m0 or linux
    /// sbd: what its preamble may take; 0: as much as the format allows. With less, fewer blocks of the map are told.
    std::uint32_t preamble_bytes = 0;
    /// sbd: where the parts of the images are loaded, when the files that they came in said it (input_file.hpp).
    const LoadTable* old_table = nullptr;
    const LoadTable* new_table = nullptr;
    unsigned level = 0;                               ///< sbd: 1 fast … 9 smallest; 0: 6
    unsigned threads = 0;                             ///< 0: two where there are two cores; the patch is the same
    std::function<void(double fraction)> progress{};  ///< 0 to 1; may be empty
};

struct Patch {
    std::vector<std::uint8_t> bytes;
    std::string format;                    ///< as inspect_patch() names it: "endsley+lzma"
    std::optional<PayloadFormat> payload;  ///< what a package calls it; none: no device takes it
    std::uint32_t decoder_ram_bytes = 0;   ///< work memory of its decoder
};

/// A patch that stands elsewhere.
struct PatchSummary {
    std::string format;
    std::optional<PayloadFormat> payload;
    std::uint32_t decoder_ram_bytes = 0;
    std::uint64_t bytes = 0;
};

/// What diff offers under a name.
struct Offer {
    std::string_view name;
    std::span<const std::string_view> compressions;  ///< the first one is the default
    std::string_view description;
};
[[nodiscard]] std::vector<Offer> offers();

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

/// As make_patch(), for images that do not fit memory: within options.memory_bytes, at least 40 MiB. The patch is
/// larger than with all memory, and temporary files take twice its size. Throws OptionError also for formats that
/// have no such way; std::runtime_error when a reader or a temporary file fails.
[[nodiscard]] PatchSummary make_patch_bounded(Reader& old, Reader& new_image, Sink& out, const DiffOptions& options);

/// Applies a patch, its format told by its first bytes; memory does not grow with the images where the format allows
/// it. What was written before an error is of no use. Not every format notices a wrong old image: compare digests.
/// Throws PatchError.
void apply_patch(Reader& old, Reader& patch, Sink& out);
[[nodiscard]] std::vector<std::uint8_t> apply_patch(Bytes old, Bytes patch);

struct SegmentInfo {
    std::uint32_t packed_bytes = 0;
    std::uint32_t plain_bytes = 0;
};

/// A stretch of the new image that is made from the old one.
struct PatchCover {
    std::uint64_t new_at = 0;
    std::uint64_t old_at = 0;
    std::uint64_t bytes = 0;
    std::uint64_t unchanged_bytes = 0;  ///< equal to the old ones
};

/// A part of the patch: control numbers, differences, literals …
struct PatchBlock {
    std::string name;
    std::uint64_t packed_bytes = 0;  ///< as it stands in the patch
    std::uint64_t plain_bytes = 0;   ///< unpacked
};

struct PatchInfo {
    std::string format;                    ///< with its compression: "endsley+lzma"
    std::optional<PayloadFormat> payload;  ///< what a package calls it
    std::uint64_t new_bytes = 0;
    std::optional<std::uint64_t> old_bytes;  ///< where the patch says it
    std::uint32_t dictionary_bytes = 0;      ///< 0 without LZMA
    std::uint32_t decoder_ram_bytes = 0;     ///< work memory of a device's decoder; 0: none, or not for devices
    std::vector<PatchBlock> blocks;
    std::vector<SegmentInfo> segments;  ///< of LZMA segments
    std::vector<PatchCover> covers;     ///< in the order of the new image
    // where the rest of the new image comes from; all 0 for format lzma
    std::uint64_t extra_bytes = 0;  ///< carried in the patch
    std::uint64_t self_bytes = 0;   ///< copied from earlier in the new image
    std::uint64_t run_bytes = 0;    ///< one byte, repeated

    [[nodiscard]] std::uint64_t covered_bytes() const;
    [[nodiscard]] std::uint64_t unchanged_bytes() const;
};

/// Explains a patch; nothing when its first bytes are of no format known here. Throws PatchError when it is one of
/// ours but broken.
[[nodiscard]] std::optional<PatchInfo> inspect_patch(Bytes patch);

/// Of a patch of format sbd: how many bytes stand before its segments. In a package they are the decoder's parameters.
/// Throws PatchError.
[[nodiscard]] std::ptrdiff_t sbd_preamble_bytes(Bytes patch);

/// Whether the first bytes (64 are enough) are those of a patch.
[[nodiscard]] bool is_patch(Bytes head);
/// The format that they name, with its compression where they tell it.
[[nodiscard]] std::optional<std::string_view> format_of_patch(Bytes head);

}  // namespace sb::diff
