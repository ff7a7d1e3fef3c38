#include "ports/lm3s6965/card_flash.hpp"

#include <algorithm>

#include "core/link/fat/partition_table.hpp"
#include "generated/board.hpp"
#include "ports/lm3s6965/sd_card.hpp"
#include "ports/port.hpp"

namespace sb::lm3s6965 {

namespace {

namespace part = board::flash_card;
constexpr std::uint32_t first_block = 128;
constexpr std::uint8_t own_partition = 0xDA;  // "non-file-system data"
static_assert(part::geometry.erased == 0xFF && part::geometry.granule == card_block_bytes);
static_assert(part::erase_map.size() == 1 && part::erase_map[0].unit_bytes == card_block_bytes);

bool holds(std::uint32_t offset, std::size_t length) {
    return offset <= part::geometry.bytes && length <= part::geometry.bytes - offset;
}

bool is_erased(const CardBlock& block) {
    return std::ranges::all_of(block, [](std::uint8_t byte) { return byte == part::geometry.erased; });
}

}  // namespace

}  // namespace sb::lm3s6965

extern "C" {
/// The one place where the area changes: writes `block` over the area's block of that number. Tests that cut the power
/// stop here. Answers whether the card did it.
[[gnu::noinline, gnu::used]] bool sb_flash_operation(sb::lm3s6965::SdCard& card, std::uint32_t number,
                                                     const sb::CardBlock& block) {
    return card.write_block(sb::lm3s6965::first_block + number, block).has_value();
}
}

namespace sb::lm3s6965 {

const Geometry& CardFlash::geometry() const {
    return part::geometry;
}

Result<void> CardFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    SB_TRY(look_at_block_0());
    if (!ours_) {
        std::ranges::fill(out, part::geometry.erased);
        return {};
    }
    while (!out.empty()) {
        const std::uint32_t within = offset % card_block_bytes;
        const std::size_t bytes = std::min<std::size_t>(out.size(), card_block_bytes - within);
        SB_TRY(load(offset / card_block_bytes));
        copy(out, Bytes(block_).subspan(within, bytes));
        offset += static_cast<std::uint32_t>(bytes);
        out = out.subspan(bytes);
    }
    return {};
}

Result<void> CardFlash::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    if (offset % card_block_bytes != 0 || data.size() % card_block_bytes != 0) return fail(Error::unaligned);
    for (; !data.empty(); offset += card_block_bytes, data = data.subspan(card_block_bytes)) {
        const std::uint32_t block = offset / card_block_bytes;
        SB_TRY(look_at_block_0());
        SB_TRY(load(block));
        if (!is_erased(block_)) return fail(Error::io);
        copy(block_, data.first(card_block_bytes));
        SB_TRY(write(block));
    }
    return {};
}

Result<void> CardFlash::erase(std::uint32_t offset) {
    if (!holds(offset, card_block_bytes)) return fail(Error::out_of_range);
    if (offset % card_block_bytes != 0) return fail(Error::unaligned);
    SB_TRY(look_at_block_0());
    block_.fill(part::geometry.erased);
    return write(offset / card_block_bytes);
}

Result<bool> CardFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    for (std::uint32_t at = 0; at < length; ++at) {
        std::uint8_t cell = 0;
        SB_TRY(read(offset + at, MutableBytes(&cell, 1)));
        if (cell != part::geometry.erased) return false;
    }
    return true;
}

/// Once for each time that the card comes up: whoever changes the table has the card in another machine, and what comes
/// up again may be another card.
Result<void> CardFlash::look_at_block_0() {
    if (looked_at_ != 0 && looked_at_ == card_.presence()) return {};
    loaded_.reset();
    ours_ = false;
    SB_TRY(card_.read_block(0, block_));
    ours_ = are_free(block_, first_block, part::geometry.bytes / card_block_bytes, own_partition);
    looked_at_ = card_.presence();
    return {};
}

Result<void> CardFlash::load(std::uint32_t block) {
    if (loaded_ == block) return {};
    loaded_.reset();
    SB_TRY(card_.read_block(first_block + block, block_));
    loaded_ = block;
    return {};
}

/// block_ goes to the card; what is read from there afterwards comes from the card.
Result<void> CardFlash::write(std::uint32_t block) {
    loaded_.reset();
    if (!ours_ || !sb_flash_operation(card_, block, block_)) return fail(Error::io);
    return {};
}

}  // namespace sb::lm3s6965
