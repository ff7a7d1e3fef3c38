#include "sim/prove/prove.hpp"

#include "ports/host/openssl_crypto.hpp"

namespace sb::prove {

namespace {
constexpr std::uint32_t smallest_unit = sim::ContentFingerprint::block_bytes;
constexpr std::uint32_t header_bytes = 32;
constexpr std::uint32_t frame_bytes = 288;  // header and TLVs, with room for a longer signature
constexpr std::uint32_t segment_units = 2;  // a segment takes more than one unit
constexpr std::uint32_t package_bytes = 1024;
constexpr std::uint32_t marks_bytes = 4096;

/// In place: a segment and another unit.
std::uint32_t image_units(Scheme scheme) {
    return scheme == Scheme::inplace ? segment_units + 1 : 2;
}
}  // namespace

sim::BoardSpec small_board(const sim::BoardSpec& like) {
    sim::BoardSpec small = like;
    small.remap = true;  // one build fits
    small.slot_a.clear();
    small.slot_b.clear();
    small.journal.clear();
    small.swap_unit = 0;
    small.unit_bytes = std::max(smallest_unit, small.granule * 4);
    small.patch.clear();
    small.golden.clear();
    small.slot_units = image_units(like.scheme);
    small.golden_units = like.golden_units != 0 ? small.slot_units : 0;
    if (like.scheme != Scheme::inplace) return small;
    // The old image moves up by a segment. The package takes a kilobyte, the marks their two units.
    small.slot_units += segment_units;
    small.patch_units = 0;
    small.patch = {{2, std::max(package_bytes / 2, small.unit_bytes)},
                   {2, std::max(marks_bytes / 2, small.unit_bytes)}};
    return small;
}

sim::BoardSpec small_board(Scheme scheme) {
    return small_board(sim::BoardSpec{.name = "small", .granule = 4, .scheme = scheme});
}

ExploreReport prove(const sim::BoardSpec& board, const ExploreOptions& options) {
    const sim::Workshop shop("acme.example/sensor", header_bytes);
    const std::uint32_t slot_bytes = board.slot_units * board.unit_bytes;
    const std::uint32_t body_bytes = image_units(board.scheme) * board.unit_bytes - frame_bytes;
    Patches patches;
    if (promise_of(board.scheme).by_patch) patches = {slot_bytes, board.unit_bytes, options.newest};
    const Company company = make_company(shop, body_bytes, patches);
    OpensslCrypto crypto;
    return DeviceExplorer(board, shop.identity(), company, crypto, options).explore();
}

}  // namespace sb::prove
