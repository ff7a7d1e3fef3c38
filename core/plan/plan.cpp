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

/// The erase unit of the user's data that is number `index`, and how many there are when `index` is beyond them.
std::uint16_t data_units(const FlashMap& map, std::uint16_t index, EraseUnit& unit) {
    std::uint16_t units = 0;
    for (std::uint32_t at = 0; at < map.user_data.bytes() && units <= index; ++units) {
        unit = map.user_data.unit_at(at);
        at = unit.offset + unit.bytes;
    }
    return units;
}

std::uint16_t data_units(const FlashMap& map) {
    EraseUnit unit{};
    return data_units(map, UINT16_MAX, unit);
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
    if (plan == Plan::exchange) return static_cast<std::uint16_t>(2 * pieces);
    return plan == Plan::reset ? static_cast<std::uint16_t>(data_units(map) + pieces) : pieces;
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
    if (plan == Plan::reset) {
        EraseUnit unit{};
        const std::uint16_t units = data_units(map, k, unit);
        if (k < units) return {{}, 0, map.user_data, unit.offset, unit.bytes};
        k = static_cast<std::uint16_t>(k - units);
    }
    const std::uint32_t at = offset_of_piece(map, k);
    return {plan == Plan::copy ? b : map.golden, at, a, at, piece_at(map, at)};
}

}  // namespace sb
