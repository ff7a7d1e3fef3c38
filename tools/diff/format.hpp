// tools/diff: what a patch format brings to the verbs. Each format has one entry, listed in formats.cpp; how it
// reads and writes stands in its own files.
#pragma once

#include "core/delta/patch_source.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

struct Format {
    std::string_view name;                           ///< on the command line
    std::span<const std::string_view> compressions;  ///< the first one is the default
    std::string_view description;
    /// Makes a patch; make_patch() has checked the options' names and proves the result. Throws OptionError.
    Patch (*encode)(Bytes old, Bytes new_image, const DiffOptions& options);
    /// Whether a patch with these first bytes is of this format. All are asked of every patch: they are [[gnu::hot]],
    /// by which the linker puts them together, in one page and not in seven.
    bool (*recognises)(Bytes head);
    /// Applies a patch that recognises() took. Throws PatchError.
    void (*apply)(Reader& old, Reader& patch, Sink& out);
    /// Explains a patch that recognises() took, without the old image. Throws PatchError.
    PatchInfo (*inspect)(Bytes patch);
    /// The name with the compression, where the first bytes tell it; else `name` is used.
    std::string_view (*full_name)(Bytes head) = nullptr;
    /// Makes a patch within options.memory_bytes; null where the format has no such way. Throws OptionError, and
    /// std::runtime_error when reading fails.
    PatchSummary (*encode_bounded)(Reader& old, Reader& new_image, Sink& out, const DiffOptions& options) = nullptr;
};

extern const Format bsdiff_format;
extern const Format endsley_format;
extern const Format hdiff_format;
extern const Format hdiff13_format;
extern const Format hdiffsf_format;
extern const Format hpatchlite_format;
extern const Format lzma_format;
extern const Format sbd_format;
extern const Format vcdiff_format;

/// One line for people about an error of a decoder.
[[nodiscard]] const char* reason(Error why);
/// Throws a PatchError with that line.
[[noreturn]] void refuse(Error why, std::uint64_t offset_bytes);

/// A patch as it says of itself. Requires: `inspect` can read it.
[[nodiscard]] Patch described(std::vector<std::uint8_t> bytes, PatchInfo (*inspect)(Bytes patch));

[[nodiscard]] bool begins_with(Bytes bytes, Bytes magic);
/// Reports progress when somebody listens.
void report(const DiffOptions& options, double fraction);

/// Feeds `patch` from `from` on to a decoder of the core and writes what it makes. Throws PatchError.
void run_decoder(Decoder& decoder, Reader& patch, std::uint32_t from, Sink& out);

/// Writes all that `decoder` makes. Throws PatchError.
void run_decoder(PullDecoder& decoder, Sink& out);

/// Reads the first bytes of a patch: as many as there are, at most `limit`. Throws PatchError.
[[nodiscard]] std::vector<std::uint8_t> read_head(Reader& patch, std::uint32_t limit);

}  // namespace sb::diff
