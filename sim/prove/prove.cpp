#include "sim/prove/prove.hpp"

#include "ports/host/openssl_crypto.hpp"

namespace sb::prove {

namespace {
constexpr std::uint32_t smallest_unit = sim::ContentFingerprint::block_bytes;
constexpr std::uint32_t header_bytes = 32;
constexpr std::uint32_t frame_bytes = 288;  // header and TLVs, with room for a longer signature
}  // namespace

sim::BoardSpec small_board(const sim::BoardSpec& like) {
    sim::BoardSpec small = like;
    small.remap = true;  // one build fits
    small.slot_a.clear();
    small.slot_b.clear();
    small.journal.clear();
    small.swap_unit = 0;
    small.unit_bytes = std::max(smallest_unit, small.granule * 4);
    small.slot_units = 2;
    small.golden_units = like.golden_units != 0 ? small.slot_units : 0;
    return small;
}

sim::BoardSpec small_board(Scheme scheme) {
    return small_board(sim::BoardSpec{.name = "small", .granule = 4, .scheme = scheme});
}

ExploreReport prove(const sim::BoardSpec& board, const ExploreOptions& options) {
    const sim::Workshop shop("acme.example/sensor", header_bytes);
    const Company company = make_company(shop, board.slot_units * board.unit_bytes - frame_bytes);
    OpensslCrypto crypto;
    return DeviceExplorer(board, shop.identity(), company, crypto, options).explore();
}

}  // namespace sb::prove
