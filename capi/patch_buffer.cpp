#include "capi/patch_buffer.hpp"

#include "capi/border.hpp"

namespace sb::capi {
namespace {

// The ranges were looked at when the decoder asked.

int read_old(void* context, uint32_t offset, void* to, size_t bytes) {
    copy(bytes_of(to, bytes), static_cast<const PatchBuffers*>(context)->old_image.subspan(offset, bytes));
    return SWITCHBACK_OK;
}

int write_new(void* context, uint32_t offset, const void* from, size_t bytes) {
    copy(static_cast<const PatchBuffers*>(context)->new_image.subspan(offset), bytes_of(from, bytes));
    return SWITCHBACK_OK;
}

int read_new(void* context, uint32_t offset, void* to, size_t bytes) {
    copy(bytes_of(to, bytes), Bytes(static_cast<const PatchBuffers*>(context)->new_image).subspan(offset, bytes));
    return SWITCHBACK_OK;
}

bool overlap(const void* a, std::size_t a_bytes, const void* b, std::size_t b_bytes) {
    const auto a_from = reinterpret_cast<std::uintptr_t>(a), b_from = reinterpret_cast<std::uintptr_t>(b);
    if (a_bytes == 0 || b_bytes == 0) return false;
    return a_from < b_from ? b_from - a_from < a_bytes : a_from - b_from < b_bytes;
}

}  // namespace

bool are_buffers(const void* old, std::size_t old_bytes, const void* patch, std::size_t patch_bytes,
                 const void* new_image, std::size_t new_bytes) {
    return is_range(old, old_bytes) && is_range(patch, patch_bytes) && is_range(new_image, new_bytes) &&
           (old_bytes | patch_bytes | new_bytes) <= UINT32_MAX && !overlap(old, old_bytes, new_image, new_bytes) &&
           !overlap(patch, patch_bytes, new_image, new_bytes);
}

switchback_result apply(const PatchBuffers& buffers, const switchback_decoder* const* decoders,
                        std::size_t decoder_count, MutableBytes work, std::size_t& new_bytes) {
    const switchback_patch_setup setup{.context = const_cast<PatchBuffers*>(&buffers),
                                       .read_old = read_old,
                                       .old_bytes = static_cast<std::uint32_t>(buffers.old_image.size()),
                                       .write_new = write_new,
                                       .read_new = read_new,
                                       .new_room = static_cast<std::uint32_t>(buffers.new_image.size()),
                                       .patch_bytes = static_cast<std::uint32_t>(buffers.patch.size()),
                                       .decoders = decoders,
                                       .decoder_count = decoder_count,
                                       .memory = work.data(),
                                       .memory_bytes = work.size()};
    switchback_patch state;
    if (const auto begun = switchback_patch_begin(&state, &setup); begun != SWITCHBACK_OK) return begun;
    const auto fed = switchback_patch_feed(&state, buffers.patch.data(), buffers.patch.size());
    if (fed != SWITCHBACK_OK) return fed;
    std::uint32_t made = 0;
    const auto ended = switchback_patch_end(&state, &made);
    new_bytes = made;
    return ended;
}

}  // namespace sb::capi

extern "C" switchback_result switchback_patch_buffer_with_memory(const switchback_decoder* const* decoders,
                                                                 size_t decoder_count, void* memory,
                                                                 size_t memory_bytes, const void* old, size_t old_len,
                                                                 const void* patch, size_t patch_len, void* new_buf,
                                                                 size_t new_cap, size_t* new_len) {
    using namespace sb::capi;
    if (new_len == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *new_len = 0;
    if (!are_buffers(old, old_len, patch, patch_len, new_buf, new_cap) || !is_work_memory(memory, memory_bytes))
        return SWITCHBACK_BAD_ARGUMENT;
    const PatchBuffers buffers{bytes_of(old, old_len), bytes_of(patch, patch_len), bytes_of(new_buf, new_cap)};
    return apply(buffers, decoders, decoder_count, bytes_of(memory, memory_bytes), *new_len);
}
