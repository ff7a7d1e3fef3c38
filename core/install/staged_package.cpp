#include "core/install/staged_package.hpp"

#include <algorithm>

#include "core/boot/slot_check.hpp"
#include "core/flash/region_reader.hpp"
#include "core/plan/plan.hpp"

namespace sb {

Region reverse_area(const FlashMap& map, std::uint32_t image_bytes) {
    if (map.patch.valid()) return map.patch;
    const Region& b = map.slots[1].region;
    const EraseUnit last = b.unit_at(image_bytes - 1);
    return b.from(last.offset + last.bytes);
}

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

namespace {

/// What is kept of a package, and where.
struct KeptPart {
    Region area;
    StagedPackage staged;
};

KeptPart kept_part(const StagingDevice& device, const Package& package) {
    if (!package.payload.reverse) return {device.map.patch, {package, device.envelope_bytes}};
    return {reverse_area(device.map, package.manifest.image_bytes), {reverse_of(package), device.envelope_bytes}};
}

Result<void> judge_in_place(const StagingDevice& device, const Package& package, std::uint32_t source_bytes) {
    const InPlace& in_place = *package.payload.in_place;
    const Region& slot = device.map.slots[0].region;
    if (in_place.erase_bytes == 0 || in_place.erase_bytes % slot.unit_at(0).bytes != 0) return fail(Error::unsupported);
    if (in_place.source_bytes != source_bytes) return fail(Error::wrong_source);
    if (!shift_fits(slot, in_place.shift, in_place.source_bytes) ||
        !shift_fits(slot, in_place.way_back_shift, package.manifest.image_bytes) ||
        device.envelope_bytes + package.chains_bytes > device.map.patch_room())
        return fail(Error::too_large);
    return {};
}

/// One that this device could not decode is no way back either.
Result<void> judge_reverse(Making& making, const StagingDevice& device, const Package& package,
                           std::uint32_t source_bytes) {
    const bool undoes_in_place = has_one_slot(device.map.kind());
    if (package.payload.reverse->in_place.has_value() != undoes_in_place) return fail(Error::unsupported);
    if (package.payload.reverse->source_bytes != source_bytes) return fail(Error::wrong_source);
    const KeptPart kept = kept_part(device, package);
    if (device.envelope_bytes + kept.staged.package.chains_bytes > kept.area.bytes()) return fail(Error::too_large);
    if (undoes_in_place) SB_TRY(judge_in_place(device, kept.staged.package, package.manifest.image_bytes));
    RegionReader made(device.map.slots[undoes_in_place ? 0 : 1].region, package.manifest.image_bytes);
    return making.prepare(kept.staged.package, device.decoders, made, part_of(kept.staged.package));
}

bool factory_image_runs(const Making& making, const StagingDevice& device) {
    if (!device.map.has_golden()) return false;
    const Result<VerifiedImage> golden =
        check_slot(device.map, SlotId::golden, Phase::ready, device.crypto, device.keys, making.scratch());
    return golden && golden->info.security_counter.value_or(0) >= device.golden_floor;
}

}  // namespace

Result<void> judge_staging(Making& making, const StagingDevice& device, Package& package, std::uint32_t source_bytes,
                           bool accept_no_way_back) {
    PayloadDescriptor& payload = package.payload;
    // Nothing stands that could be lost, or gone back to but by what is kept already.
    if (device.map.kind() == Scheme::single && source_bytes == 0) {
        if (payload.reverse && !check_kept(device, package, making.scratch())) payload.reverse.reset();
        return {};
    }
    const bool rewrites = device.map.kind() == Scheme::inplace;
    if (payload.in_place.has_value() != rewrites) return fail(Error::unsupported);
    const bool has_way_back = rewrites ? payload.in_place->has_way_back : payload.reverse.has_value();
    if (!has_way_back && !accept_no_way_back && !factory_image_runs(making, device)) return fail(Error::no_way_back);
    if (rewrites) return judge_in_place(device, package, source_bytes);
    return payload.reverse ? judge_reverse(making, device, package, source_bytes) : Result<void>{};
}

void keep_staged(Making& making, const StagingDevice& device, const Package& package) {
    const KeptPart kept = kept_part(device, package);
    // Those of a reverse patch are told from the others by their number.
    const std::uint32_t first_block = package.payload.reverse ? package.payload.blocks() : 0;
    making.prepare_to_keep(kept.staged.package.payload, device.envelope_bytes, kept.area, first_block);
}

Result<void> check_kept(const StagingDevice& device, const Package& package, MutableBytes scratch) {
    const KeptPart kept = kept_part(device, package);
    const Result<BlockDigest> checked = check_staged(kept.area, kept.staged, device.crypto, scratch);
    if (checked) return {};
    // Its blocks verified when they came: nothing of them is wanted again.
    return fail(checked.error() == Error::bad_digest ? Error::readback : checked.error());
}

Result<void> turn_to_image(Making& making, const StagingDevice& device, Package& package, Reader& old,
                           const Region& to) {
    SB_TRY(check_kept(device, package, making.scratch()));
    const Region area = reverse_area(device.map, package.manifest.image_bytes);
    SB_TRY_ASSIGN(const StagedPackage kept, open_staged(area, device.crypto, device.keys, making.io()));
    if (kept.package.id != package.id) return fail(Error::readback);
    package = kept.package;
    making.write_to(to);
    return making.prepare(package, device.decoders, old, part_of(package));
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
