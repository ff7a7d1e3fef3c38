#include "core/boot/loaded_image.hpp"

#include "core/image/image.hpp"

namespace sb {

void RamImage::load(Reader& slot) {
    bytes_ = 0;
    const Result<ImageInfo> info = parse_image(slot);
    if (!info || info->total_bytes > ram_.size()) return;
    if (slot.read(0, ram_.first(info->total_bytes))) bytes_ = info->total_bytes;
}

Result<void> RamImage::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes_ || out.size() > bytes_ - offset) return fail(Error::out_of_range);
    copy(out, ram_.subspan(offset, out.size()));
    return {};
}

}  // namespace sb
