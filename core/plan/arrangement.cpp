#include "core/plan/arrangement.hpp"

#include <algorithm>

namespace sb {

Result<void> Arrangement::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes() || out.size() > bytes() - offset) return fail(Error::out_of_range);
    while (!out.empty()) {
        const std::uint32_t unit = offset / map_.swap_unit;
        const std::uint32_t end = (unit + 1) * map_.swap_unit;
        const MutableBytes piece = out.first(std::min<std::size_t>(out.size(), end - offset));
        const bool arrived = unit < moved_;
        const bool in_a = arrived == (image_ == Image::came_in);
        // What came in waits one unit up; what ran goes to the same offset as it had.
        const std::uint32_t up = image_ == Image::came_in ? map_.swap_unit : 0;
        SB_TRY(in_a ? map_.slots[0].region.read(offset, piece) : map_.slots[1].region.read(offset + up, piece));
        offset += static_cast<std::uint32_t>(piece.size());
        out = out.subspan(piece.size());
    }
    return {};
}

}  // namespace sb
