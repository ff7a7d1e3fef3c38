// tools/diff: packs bytes into the container "LZMA segments" with liblzma (docs/format-delta.md). Each segment is
// packed with several settings of the encoder, and the smallest result is kept.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// How hard to try.
enum class Effort { one_setting, all_settings };

/// Packs `text` in segments that end at `cuts` (ascending, the last one text.size(); none for an empty text) for a
/// dictionary of 2^dictionary_log2 bytes (12 to 14). Each segment is decoded again before it counts.
/// Throws std::runtime_error when liblzma fails, std::length_error from 256 MiB a segment.
[[nodiscard]] std::vector<std::uint8_t> write_lzma_segments(Bytes text, std::span<const std::size_t> cuts,
                                                            unsigned dictionary_log2, Effort effort);

/// The smallest dictionary that every segment fits, at most `limit_log2`.
[[nodiscard]] unsigned useful_dictionary_log2(std::span<const std::size_t> cuts, unsigned limit_log2);

}  // namespace sb::diff
