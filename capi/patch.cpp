#include "capi/border.hpp"
#include "capi/patcher.hpp"

namespace sb::capi {
namespace {

static_assert(SWITCHBACK_FORMAT_RAW == static_cast<int>(PayloadFormat::raw));
static_assert(SWITCHBACK_FORMAT_LZMA == static_cast<int>(PayloadFormat::lzma));
static_assert(SWITCHBACK_FORMAT_ENDSLEY == static_cast<int>(PayloadFormat::endsley));
static_assert(SWITCHBACK_FORMAT_ENDSLEY_LZMA == static_cast<int>(PayloadFormat::endsley_lzma));
static_assert(SWITCHBACK_FORMAT_HPATCHLITE == static_cast<int>(PayloadFormat::hpatchlite));
static_assert(SWITCHBACK_FORMAT_VCDIFF == static_cast<int>(PayloadFormat::vcdiff));
static_assert(SWITCHBACK_FORMAT_HDIFFSF == static_cast<int>(PayloadFormat::hdiffsf));
static_assert(SWITCHBACK_FORMAT_SBD == static_cast<int>(PayloadFormat::sbd));
static_assert(SWITCHBACK_POINTERS_EXTRA_BYTES == host_extra_bytes);
static_assert(SWITCHBACK_LZMA_MEMORY_BYTES(4096) == decoder_ram_bytes(PayloadFormat::lzma, 4096));

bool is_decoder_table(const switchback_decoder* const* decoders, std::size_t count) {
    if (decoders == nullptr || count == 0 || count > SWITCHBACK_MAX_DECODERS) return false;
    for (std::size_t i = 0; i < count; ++i)
        if (decoders[i] == nullptr) return false;
    return true;
}

bool is_setup(const switchback_patch_setup& setup) {
    return is_decoder_table(setup.decoders, setup.decoder_count) && is_work_memory(setup.memory, setup.memory_bytes) &&
           setup.memory_bytes <= UINT32_MAX && (setup.read_old != nullptr || setup.old_bytes == 0) &&
           setup.write_new != nullptr;
}

void tell(const PatchHead& head, switchback_patch_info& info) {
    info.format = static_cast<switchback_format>(head.format);
    info.tells_new_bytes = head.new_bytes.has_value();
    info.tells_old_bytes = head.old_bytes.has_value();
    info.tells_memory = head.memory_bytes.has_value();
    info.tells_digests = head.digests.has_value();
    info.new_bytes = head.new_bytes.value_or(0);
    info.old_bytes = head.old_bytes.value_or(0);
    info.memory_bytes = head.memory_bytes.value_or(0);
    if (!head.digests) return;
    copy(info.old_sha256, (*head.digests)[0]);
    copy(info.new_sha256, (*head.digests)[1]);
}

}  // namespace
}  // namespace sb::capi

extern "C" {

switchback_result switchback_patch_inspect(const void* head, size_t head_bytes, size_t patch_bytes,
                                           switchback_patch_info* info) {
    using namespace sb::capi;
    if (info == nullptr || !is_range(head, head_bytes) || patch_bytes > UINT32_MAX || head_bytes > patch_bytes)
        return SWITCHBACK_BAD_ARGUMENT;
    *info = {};
    const auto found = read_patch_head(bytes_of(head, head_bytes), static_cast<std::uint32_t>(patch_bytes));
    if (!found) return to_c(found.error());
    tell(*found, *info);
    return SWITCHBACK_OK;
}

switchback_result switchback_patch_begin(switchback_patch* state, const switchback_patch_setup* setup) {
    using namespace sb::capi;
    if (!HousedPatcher::has_room(state)) return SWITCHBACK_BAD_ARGUMENT;
    HousedPatcher::end(state);
    if (setup == nullptr || !is_setup(*setup)) return SWITCHBACK_BAD_ARGUMENT;
    HousedPatcher::begin(state, *setup);
    return SWITCHBACK_OK;
}

switchback_result switchback_patch_feed(switchback_patch* state, const void* data, size_t bytes) {
    using namespace sb::capi;
    Patcher* const patcher = HousedPatcher::find(state);
    if (patcher == nullptr || !is_range(data, bytes)) return SWITCHBACK_BAD_ARGUMENT;
    return to_c(patcher->feed(bytes_of(data, bytes)));
}

switchback_result switchback_patch_end(switchback_patch* state, uint32_t* new_bytes) {
    using namespace sb::capi;
    if (new_bytes != nullptr) *new_bytes = 0;
    Patcher* const patcher = HousedPatcher::find(state);
    if (patcher == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    const sb::Result<std::uint32_t> made = patcher->end();
    HousedPatcher::end(state);
    if (!made) return to_c(made.error());
    if (new_bytes != nullptr) *new_bytes = *made;
    return SWITCHBACK_OK;
}

}  // extern "C"
