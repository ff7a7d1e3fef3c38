#include "core/plan/plan.hpp"

namespace sb {

namespace {

constexpr std::uint32_t least_piece_bytes = 4096;
constexpr std::uint32_t most_copy_steps = 4096;

/// Where the pieces of slot A end that hold an image of `image_bytes`.
std::uint16_t pieces_of(const FlashMap& map, std::uint32_t image_bytes) {
    std::uint16_t pieces = 0;
    const std::uint32_t room = map.slots[0].region.bytes();
    for (std::uint32_t at = 0; at < image_bytes && at < room; at += piece_at(map, at)) ++pieces;
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

/// Of a shift: whole erase units.
std::uint32_t shift_piece(const Region& slot, std::uint32_t shift) {
    const std::uint32_t unit = slot.unit_at(0).bytes;
    const std::uint32_t usual = unit > least_piece_bytes ? unit : least_piece_bytes / unit * unit;
    return usual < shift ? usual : shift;
}

std::uint32_t whole(std::uint32_t bytes, std::uint32_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

}  // namespace

bool shift_fits(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes) {
    const std::uint32_t unit = slot.unit_at(0).bytes;
    if (shift % unit != 0 || shift > slot.bytes() || image_bytes > slot.bytes() - shift) return false;
    return shift == 0 || image_bytes / shift_piece(slot, shift) < UINT16_MAX - 1;  // steps are counted in 16 bits
}

std::uint16_t shift_steps(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes) {
    if (shift == 0) return 0;
    const std::uint32_t piece = shift_piece(slot, shift);
    return static_cast<std::uint16_t>((image_bytes + piece - 1) / piece);
}

Step shift_step(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes, std::uint16_t k) {
    const std::uint32_t piece = shift_piece(slot, shift);
    const std::uint32_t at = (shift_steps(slot, shift, image_bytes) - 1U - k) * piece;
    const std::uint32_t left = whole(image_bytes, slot.unit_at(0).bytes) - at;
    return {slot, at, slot, at + shift, piece < left ? piece : left};
}

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
