#include "core/delta/vcdiff_table.hpp"

namespace sb {
namespace {

constexpr VcdiffInstruction add(unsigned bytes) {
    return {static_cast<std::uint8_t>(VcdiffType::add), static_cast<std::uint8_t>(bytes)};
}

constexpr VcdiffInstruction copy(unsigned mode, unsigned bytes) {
    return {static_cast<std::uint8_t>(static_cast<unsigned>(VcdiffType::copy) + mode),
            static_cast<std::uint8_t>(bytes)};
}

}  // namespace

VcdiffPair vcdiff_instructions(std::uint8_t code) {
    unsigned at = code;
    if (at == 0) return {{static_cast<std::uint8_t>(VcdiffType::run), 0}, {}};
    if (at < 19) return {add(at - 1), {}};
    at -= 19;
    if (at < 144) {  // nine modes, each with sizes 0 and 4 to 18
        const unsigned bytes = at % 16;
        return {copy(at / 16, bytes == 0 ? 0 : bytes + 3), {}};
    }
    at -= 144;
    if (at < 72) return {add(at % 12 / 3 + 1), copy(at / 12, at % 3 + 4)};  // modes 0 to 5: 1 to 4, then 4 to 6
    at -= 72;
    if (at < 12) return {add(at % 4 + 1), copy(at / 4 + 6, 4)};
    return {copy(at - 12, 4), add(1)};
}

}  // namespace sb
