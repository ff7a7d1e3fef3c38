#include "ports/stm32f4/flash.hpp"

#include <optional>

#include "generated/board.hpp"
#include "ports/stm32f4/registers.hpp"

extern "C" {
/// The one place where cells change: programs a word, or erases the sector of number `value`. Tests that cut the power
/// stop here. Answers whether the controller did it.
[[gnu::noinline, gnu::used]] bool sb_flash_operation(std::uint32_t address, std::uint32_t value, std::uint32_t mode) {
    // A sector of 128 KB takes up to 2 s (DS8626, "Flash memory programming"): at 16 MHz this is longer.
    constexpr std::uint32_t longest_wait = 20'000'000;
    namespace nvm = sb::stm32f4::nvm;
    using sb::stm32f4::reg;
    reg(nvm::key) = nvm::key_1;
    reg(nvm::key) = nvm::key_2;
    reg(nvm::status) = nvm::failed;
    if (mode == nvm::erase) {
        reg(nvm::control) = mode | value << nvm::sector_shift;
        reg(nvm::control) = mode | value << nvm::sector_shift | nvm::start;
    } else {
        reg(nvm::control) = mode;
        reg(address) = value;
    }
    asm volatile("dsb" ::: "memory");
    bool ready = false;
    for (std::uint32_t i = 0; i < longest_wait && !ready; ++i) ready = (reg(nvm::status) & nvm::busy) == 0;
    const bool failed = (reg(nvm::status) & nvm::failed) != 0;
    reg(nvm::control) = nvm::lock;
    return ready && !failed;
}
}

namespace sb::stm32f4 {

namespace {

namespace part = board::flash_internal;

bool holds(std::uint32_t offset, std::size_t length) {
    return offset <= part::geometry.bytes && length <= part::geometry.bytes - offset;
}

/// The number of the sector that begins at `offset`; none where none does.
std::optional<std::uint32_t> sector_at(std::uint32_t offset) {
    std::uint32_t number = 0;
    std::uint32_t start = 0;
    for (const EraseRun& run : part::erase_map) {
        for (std::uint32_t i = 0; i < run.units; ++i, ++number, start += run.unit_bytes) {
            if (start == offset) return number;
        }
    }
    return std::nullopt;
}

const std::uint8_t* cell(std::uint32_t offset) {
    return reinterpret_cast<const std::uint8_t*>(part::address + offset);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

const Geometry& InternalFlash::geometry() const {
    return part::geometry;
}

Result<void> InternalFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    copy(out, {cell(offset), out.size()});
    return {};
}

Result<void> InternalFlash::program(std::uint32_t offset, Bytes data) {
    static_assert(part::geometry.granule == 4);
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    if (((offset | data.size()) & 3) != 0) return fail(Error::unaligned);
    for (std::uint32_t i = 0; i < data.size(); i += 4) {
        if (!sb_flash_operation(part::address + offset + i, load_le<std::uint32_t>(data, i), nvm::program))
            return fail(Error::io);
    }
    return {};
}

Result<void> InternalFlash::erase(std::uint32_t offset) {
    if (!holds(offset, 1)) return fail(Error::out_of_range);
    const std::optional<std::uint32_t> sector = sector_at(offset);
    if (!sector) return fail(Error::unaligned);
    if (!sb_flash_operation(0, *sector, nvm::erase)) return fail(Error::io);
    return {};
}

Result<bool> InternalFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    for (std::uint32_t i = 0; i < length; ++i) {
        if (*cell(offset + i) != part::geometry.erased) return false;
    }
    return true;
}

}  // namespace sb::stm32f4
