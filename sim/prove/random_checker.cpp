#include "sim/prove/random_checker.hpp"

namespace sb::prove {

State state_of(std::uint32_t id) {
    State s;
    const std::uint32_t mix = id * 0x9E3779B1U;
    s.boot.security_floor = id;
    s.boot.confirmed_sequence = mix;
    s.boot.grant_counter = ~id;
    s.boot.candidate.fill(static_cast<std::uint8_t>(mix >> 8));
    s.boot.active_digest.fill(static_cast<std::uint8_t>(mix >> 16));
    s.install.next_block = mix ^ 0x55AA55AAU;
    s.install.package.fill(static_cast<std::uint8_t>(mix));
    for (std::size_t i = 0; i < s.install.checkpoint.size(); ++i)
        s.install.checkpoint[i] = static_cast<std::uint8_t>(mix >> (i % 24));
    return s;
}

std::optional<std::uint32_t> id_of(const State& state) {
    if (state == state_of(state.boot.security_floor)) return state.boot.security_floor;
    return {};
}

Part random_part(Dice& dice, std::uint32_t pages, std::uint32_t records) {
    static constexpr std::array<std::uint32_t, 6> granules{4, 1, 8, 16, 32, 4};
    Part part;
    Geometry& g = part.geometry;
    g.granule = granules[dice.below(granules.size())];
    g.erased = dice.chance(15) ? 0x00 : 0xFF;
    g.ecc = g.granule >= 8 && dice.chance(50);
    g.reprogram_same = !g.ecc && dice.chance(50);
    g.erased_readable = !g.ecc || dice.chance(70);
    // A page of one unit, of two, or pages that differ.
    const std::uint32_t page = (records + dice.below(2)) * record_bytes;
    switch (dice.below(4)) {
        case 0:
            part.map = {{pages * 2, page / 2}};
            break;
        case 1:
            part.map = {{1, page}, {2, page / 2}, {pages - 2, page + 2 * record_bytes}};
            break;
        default:
            part.map = {{pages, page}};
            break;
    }
    return part;
}

}  // namespace sb::prove
