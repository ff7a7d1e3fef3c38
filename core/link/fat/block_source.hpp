// core/link/fat: where the blocks of a card come from. A driver implements it.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

inline constexpr std::uint32_t card_block_bytes = 512;
using CardBlock = std::array<std::uint8_t, card_block_bytes>;

class BlockSource {
public:
    /// Reads the card's block of that number. Errors: io; out_of_range behind the card's end. `out` may hold anything
    /// then.
    [[nodiscard]] virtual Result<void> read_block(std::uint32_t number, CardBlock& out) = 0;

protected:
    ~BlockSource() = default;
};

}  // namespace sb
