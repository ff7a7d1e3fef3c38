#include "core/install/staged_package.hpp"

#include <algorithm>

#include "core/plan/plan.hpp"

namespace sb {

Result<StagedPackage> open_staged(const Region& area, Crypto& crypto, KeyRing keys, MutableBytes io) {
    const MutableBytes seen = io.first(std::min<std::size_t>({io.size(), max_envelope_bytes, area.bytes()}));
    // Behind a small package there may be blanks that cannot be read: what is needed is told by its signatures.
    for (std::size_t at = 0; at < seen.size(); at += area.granule()) {
        const MutableBytes piece = seen.subspan(at, std::min<std::size_t>(area.granule(), seen.size() - at));
        const Result<void> got = area.read(static_cast<std::uint32_t>(at), piece);
        if (!got && got.error() != Error::unreadable) return fail(got.error());
    }
    SB_TRY_ASSIGN(const std::optional<std::size_t> length, envelope_bytes(seen));
    if (!length || *length > seen.size()) return fail(Error::truncated);
    SB_TRY_ASSIGN(const Package package, open_package(seen.first(*length), crypto, keys));
    return StagedPackage{package, static_cast<std::uint32_t>(*length)};
}

Result<void> prepare_to_stage(Making& making, const FlashMap& map, const Package& package, std::uint32_t envelope_bytes,
                              std::uint32_t source_bytes, bool accept_no_way_back) {
    if (!package.payload.in_place) return fail(Error::unsupported);
    const InPlace& in_place = *package.payload.in_place;
    const Region& slot = map.slots[0].region;
    if (!in_place.has_way_back && !map.golden.valid() && !accept_no_way_back) return fail(Error::no_way_back);
    if (in_place.erase_bytes == 0 || in_place.erase_bytes % slot.unit_at(0).bytes != 0) return fail(Error::unsupported);
    if (in_place.source_bytes != source_bytes) return fail(Error::wrong_source);
    if (!shift_fits(slot, in_place.shift, in_place.source_bytes) ||
        !shift_fits(slot, in_place.way_back_shift, package.manifest.image_bytes) ||
        envelope_bytes + package.chains_bytes > map.patch_room())
        return fail(Error::too_large);
    making.prepare_to_keep(package, envelope_bytes, map.patch);
    return {};
}

Result<BlockDigest> check_staged(const Region& area, const StagedPackage& staged, Crypto& crypto, MutableBytes scratch,
                                 std::uint32_t wanted) {
    const PayloadDescriptor& payload = staged.package.payload;
    BlockDigest expected = payload.first_block;
    BlockDigest found = expected;
    std::uint32_t at = staged.envelope_bytes;
    for (std::uint32_t block = 0; block < payload.blocks(); ++block) {
        const std::uint32_t end = at + ChainReader(payload, block, expected).wire_bytes();
        if (block == wanted) found = expected;
        Sha256 hash(crypto);
        BlockDigest link{};
        // The link is the block's end, and may lie in two pieces.
        while (at < end) {
            const MutableBytes piece = scratch.first(std::min<std::size_t>(end - at, scratch.size()));
            SB_TRY(area.read(at, piece));
            hash.update(piece);
            for (std::size_t i = 0; i < piece.size(); ++i) {
                const std::size_t to_end = end - at - i;
                if (to_end <= link.size()) link[link.size() - to_end] = piece[i];
            }
            at += static_cast<std::uint32_t>(piece.size());
        }
        const Digest digest = hash.digest();
        if (!std::ranges::equal(expected, Bytes(digest).first(expected.size()))) return fail(Error::bad_digest);
        expected = link;
    }
    return found;
}

}  // namespace sb
