#include "core/plan/plan.hpp"

namespace sb {

namespace {

constexpr std::uint32_t least_piece_bytes = 4096;
constexpr std::uint32_t most_copy_steps = 4096;

/// Where the pieces of slot A end that hold an image of `image_bytes`.
std::uint16_t pieces_of(const FlashMap& map, std::uint32_t image_bytes) {
    std::uint16_t pieces = 0;
    for (std::uint32_t at = 0; at < image_bytes; at += piece_at(map, at)) ++pieces;
    return pieces;
}

std::uint32_t offset_of_piece(const FlashMap& map, std::uint16_t index) {
    std::uint32_t at = 0;
    for (std::uint16_t i = 0; i < index; ++i) at += piece_at(map, at);
    return at;
}

}  // namespace

std::uint32_t piece_at(const FlashMap& map, std::uint32_t offset) {
    if (map.scheme == Scheme::swap) return map.swap_unit;
    const Region& a = map.slots[0].region;
    const std::uint32_t share = a.bytes() / most_copy_steps;
    const std::uint32_t least = share > least_piece_bytes ? share : least_piece_bytes;
    std::uint32_t end = offset;
    while (end < a.bytes() && end - offset < least) {
        const EraseUnit unit = a.unit_at(end);
        end = unit.offset + unit.bytes;
    }
    return end - offset;
}

std::uint16_t steps_of(const FlashMap& map, Plan plan, std::uint32_t image_bytes) {
    const std::uint16_t pieces = pieces_of(map, image_bytes);
    return plan == Plan::exchange ? static_cast<std::uint16_t>(2 * pieces) : pieces;
}

Step step_of(const FlashMap& map, Plan plan, std::uint16_t k) {
    const Region& a = map.slots[0].region;
    const Region& b = map.slots[1].region;
    if (plan == Plan::exchange) {
        const std::uint32_t unit = map.swap_unit;
        const std::uint32_t at = k / 2 * unit;
        if (k % 2 == 0) return {a, at, b, at, unit};
        return {b, at + unit, a, at, unit};
    }
    const std::uint32_t at = offset_of_piece(map, k);
    return {plan == Plan::restore ? map.golden : b, at, a, at, piece_at(map, at)};
}

}  // namespace sb
