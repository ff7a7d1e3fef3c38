#include "examples/c/ten_lines.h"

/* example */
#include "capi/switchback.h"

static const switchback_decoder* const decoders[] = {&switchback_decoder_sbd_thumb_4k};
static uint64_t memory[SWITCHBACK_SBD_MEMORY_BYTES(4096) / 8];

/* Makes the new program from the old one; 0 when that failed. */
size_t update(const void* old, size_t old_len, const void* patch, size_t patch_len, void* new_buf, size_t new_cap) {
    size_t new_len = 0;
    switchback_result result = switchback_patch_buffer_with_memory(decoders, 1, memory, sizeof memory, old, old_len,
                                                                   patch, patch_len, new_buf, new_cap, &new_len);
    if (result != SWITCHBACK_OK) report(switchback_result_name(result));
    return new_len;
}
/* end of example */
