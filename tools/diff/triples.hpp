// tools/diff: covers as the formats of the bsdiff family count them: triples of bytes made by adding to the old image,
// bytes carried in the patch, and a seek in the old image.
#pragma once

#include <algorithm>

#include "core/delta/patch_source.hpp"
#include "tools/diff/cover.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

struct Triple {
    Cover diff;                 ///< may be empty
    std::size_t extra_end = 0;  ///< the extra bytes are new[diff.new_end(), extra_end)
    std::size_t next_old = 0;   ///< where the next triple's cover stands in the old image

    [[nodiscard]] std::size_t extra_bytes() const { return extra_end - diff.new_end(); }
};

/// Calls `use` with each triple that turns `covers` into a patch to `new_bytes` bytes. The first one may have no diff
/// bytes; the last one seeks nowhere.
template <class Use>
void for_each_triple(const Covers& covers, std::size_t new_bytes, Use use) {
    Cover present;
    for (std::size_t i = 0; i <= covers.size(); ++i) {
        const bool last = i == covers.size();
        const Triple triple{present, last ? new_bytes : covers[i].new_at, last ? present.old_end() : covers[i].old_at};
        if (present.bytes + triple.extra_bytes() != 0 || triple.next_old != present.old_end()) use(triple);
        if (!last) present = covers[i];
    }
}

/// What is added to the old bytes of a cover: `use` is called with them in pieces, in order.
template <class Use>
void for_each_difference(Bytes old, Bytes new_image, const Cover& cover, Use use) {
    std::array<std::uint8_t, 1U << 12> piece;
    for (std::size_t done = 0; done < cover.bytes;) {
        const std::size_t count = std::min(piece.size(), cover.bytes - done);
        const std::uint8_t* const from = old.data() + cover.old_at + done;
        const std::uint8_t* const to = new_image.data() + cover.new_at + done;
        for (std::size_t i = 0; i < count; ++i) piece[i] = static_cast<std::uint8_t>(to[i] - from[i]);
        use(Bytes(piece).first(count));
        done += count;
    }
}

inline constexpr std::size_t triple_bytes = 24;
/// As it is written: three integers of 63 bits of magnitude, low byte first, and the sign on top.
[[nodiscard]] inline std::array<std::uint8_t, triple_bytes> written(const Triple& triple) {
    const std::size_t from = triple.diff.old_end();
    const bool back = triple.next_old < from;
    std::array<std::uint8_t, triple_bytes> bytes;
    store_le(MutableBytes(bytes), 0, std::uint64_t{triple.diff.bytes});
    store_le(MutableBytes(bytes), 8, std::uint64_t{triple.extra_bytes()});
    store_le(MutableBytes(bytes), 16,
             std::uint64_t{back ? from - triple.next_old : triple.next_old - from} | std::uint64_t{back} << 63);
    return bytes;
}

/// Reads triples and what they need from three streams, which may be one and the same, until `info.new_bytes` are
/// made, and adds covers and extra bytes to `info`. Says how many triples there were. Throws PatchError.
std::uint64_t explain_triples(ByteStream& control, ByteStream& diff, ByteStream& extra, PatchInfo& info);

}  // namespace sb::diff
