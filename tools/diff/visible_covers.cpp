#include "tools/diff/visible_covers.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

/// Puts `piece` behind the others, as a part of the last one where that goes on.
void add(Covers& to, const Cover& piece) {
    if (piece.bytes == 0) return;
    if (!to.empty() && to.back().new_end() == piece.new_at && to.back().diagonal() == piece.diagonal())
        to.back().bytes += piece.bytes;
    else
        to.push_back(piece);
}

}  // namespace

Covers visible_covers(const Covers& covers, const Visibility& visible, std::size_t new_bytes) {
    const auto size = static_cast<std::uint32_t>(new_bytes);
    Covers seen;
    for (Cover rest : covers) {
        while (rest.bytes != 0) {
            const auto at = static_cast<std::uint32_t>(rest.new_at);
            const std::size_t piece = std::min<std::size_t>(rest.bytes, visible.next_change(at, size) - at);
            const std::size_t lowest = visible.lowest_old(at, size);
            const std::size_t gone = std::min(piece, lowest - std::min(lowest, rest.old_at));
            add(seen, {rest.new_at + gone, rest.old_at + gone, piece - gone});
            rest = {rest.new_at + piece, rest.old_at + piece, rest.bytes - piece};
        }
    }
    return seen;
}

}  // namespace sb::diff
