#include "ports/template/flash.hpp"

#include "generated/board.hpp"
#include "ports/template/registers.hpp"

extern "C" {
/// The one place where cells change: carries out what `mode` says, and waits for its end. Tests that cut the power stop
/// here. Answers whether the controller did it.
/// (yours) The order of unlocking, starting and waiting. The wait has a bound: the longest time of the datasheet, with
/// room; a part that hangs in it must not hang the bootloader.
[[gnu::noinline, gnu::used]] bool sb_flash_operation(std::uint32_t address, std::uint32_t value, std::uint32_t mode) {
    constexpr std::uint32_t longest_wait = 1'000'000;
    namespace nvm = sb::template_board::nvm;
    using sb::template_board::reg;
    reg(nvm::key) = nvm::key_1;
    reg(nvm::key) = nvm::key_2;
    reg(nvm::control) = mode;
    if (mode == nvm::erase) {
        reg(nvm::page) = address;
        reg(nvm::control) = mode | nvm::start;
    } else {
        reg(address) = value;
    }
    bool ready = false;
    for (std::uint32_t i = 0; i < longest_wait && !ready; ++i) ready = (reg(nvm::status) & nvm::busy) == 0;
    const bool failed = (reg(nvm::status) & nvm::failed) != 0;
    reg(nvm::status) = nvm::failed;
    reg(nvm::control) = nvm::lock;
    return ready && !failed;
}
}

namespace sb::template_board {

namespace {

/// (yours) The name of the part in the layout: board::flash_NAME.
namespace part = board::flash_internal;

bool holds(std::uint32_t offset, std::size_t length) {
    return offset <= part::geometry.bytes && length <= part::geometry.bytes - offset;
}

/// (yours) Flash that the processor does not see (SPI NOR) is read by commands in place of this.
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

/// (yours) The granule of the layout is what one operation writes: 4 bytes here.
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
    if (geometry().unit_at(offset).offset != offset) return fail(Error::unaligned);
    if (!sb_flash_operation(part::address + offset, 0, nvm::erase)) return fail(Error::io);
    return {};
}

Result<bool> InternalFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    for (std::uint32_t i = 0; i < length; ++i) {
        if (*cell(offset + i) != part::geometry.erased) return false;
    }
    return true;
}

}  // namespace sb::template_board
