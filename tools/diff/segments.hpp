// tools/diff: what the formats packed in LZMA segments have in common: where they are cut, and with what dictionary.
#pragma once

#include "tools/diff/lzma_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

/// Image bytes of a segment; 0: all in one.
[[nodiscard]] std::size_t segment_length(std::size_t new_bytes, const DiffOptions& options);
/// Throws OptionError.
[[nodiscard]] unsigned dictionary_limit_log2(const DiffOptions& options);
[[nodiscard]] Effort effort_for(std::size_t bytes);

/// Runs the decoder of `format` over `patch`; `image_bytes` is what the patch announces. Throws PatchError.
void apply_on_device_decoder(PayloadFormat format, std::uint32_t image_bytes, Reader& old, Reader& patch, Sink& out);

}  // namespace sb::diff
