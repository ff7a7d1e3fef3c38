// The call that needs nothing of its caller: every decoder, and the decoder's memory on the stack.
#include "capi/border.hpp"
#include "capi/patch_buffer.hpp"

namespace sb::capi {
namespace {

using Apply = switchback_result (*)(const PatchBuffers&, std::size_t&);

/// A frame of its own for each size, so that a patch takes no more stack than it asks for.
template <std::size_t bytes>
[[gnu::noinline]] switchback_result apply_within(const PatchBuffers& buffers, std::size_t& new_bytes) {
    alignas(memory_alignment) std::array<std::uint8_t, SWITCHBACK_SBD_MEMORY_BYTES(bytes)> work;
    return apply(buffers, switchback_all_decoders, SWITCHBACK_ALL_DECODERS, work, new_bytes);
}

struct Size {
    std::size_t bytes;
    Apply apply;
};
constexpr std::array<Size, 4> sizes = {{{SWITCHBACK_SBD_MEMORY_BYTES(4096), apply_within<4096>},
                                        {SWITCHBACK_SBD_MEMORY_BYTES(8192), apply_within<8192>},
                                        {SWITCHBACK_SBD_MEMORY_BYTES(16384), apply_within<16384>},
                                        {SWITCHBACK_SBD_MEMORY_BYTES(32768), apply_within<32768>}}};

}  // namespace
}  // namespace sb::capi

extern "C" switchback_result switchback_patch_buffer(const void* old, size_t old_len, const void* patch,
                                                     size_t patch_len, void* new_buf, size_t new_cap, size_t* new_len) {
    using namespace sb::capi;
    if (new_len == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *new_len = 0;
    if (!are_buffers(old, old_len, patch, patch_len, new_buf, new_cap)) return SWITCHBACK_BAD_ARGUMENT;
    switchback_patch_info info;
    const auto seen = switchback_patch_inspect(patch, patch_len, patch_len, &info);
    if (seen != SWITCHBACK_OK) return seen;
    const PatchBuffers buffers{sb::capi::bytes_of(old, old_len), bytes_of(patch, patch_len),
                               bytes_of(new_buf, new_cap)};
    for (const Size& size : sizes)
        if (info.tells_memory && info.memory_bytes <= size.bytes) return size.apply(buffers, *new_len);
    return sizes.back().apply(buffers, *new_len);
}
