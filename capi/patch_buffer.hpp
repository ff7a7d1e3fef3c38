// capi: a patch whose images all stand in memory, as a streaming patch whose callbacks copy.
#pragma once

#include "capi/switchback.h"
#include "core/base/bytes.hpp"

namespace sb::capi {

struct PatchBuffers {
    Bytes old_image;
    Bytes patch;
    MutableBytes new_image;  ///< room for it
};

/// False: no such ranges, or they overlap.
[[nodiscard]] bool are_buffers(const void* old, std::size_t old_bytes, const void* patch, std::size_t patch_bytes,
                               const void* new_image, std::size_t new_bytes);

/// Errors: as switchback_patch_buffer_with_memory().
[[nodiscard]] switchback_result apply(const PatchBuffers& buffers, const switchback_decoder* const* decoders,
                                      std::size_t decoder_count, MutableBytes work, std::size_t& new_bytes);

}  // namespace sb::capi
