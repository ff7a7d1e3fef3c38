#include "ports/mps2/memory_flash.hpp"

#include "ports/mps2/registers.hpp"

extern "C" {
/// The one place where cells change: a word is erased, or loses bits. Tests that cut the power stop here.
[[gnu::noinline, gnu::used]] void sb_flash_operation(std::uint32_t address, std::uint32_t value, bool erase) {
    volatile std::uint32_t& cell = sb::mps2::reg(address);
    cell = erase ? value : cell & value;
}
}

namespace sb::mps2 {

namespace {

const std::uint8_t* cell(std::uint32_t address) {
    return reinterpret_cast<const std::uint8_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

}  // namespace

bool MemoryFlash::holds(std::uint32_t offset, std::size_t length) const {
    return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
}

Result<void> MemoryFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    copy(out, {cell(address_ + offset), out.size()});
    return {};
}

Result<void> MemoryFlash::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    if (((offset | data.size()) & 3) != 0) return fail(Error::unaligned);
    for (std::uint32_t i = 0; i < data.size(); i += 4)
        sb_flash_operation(address_ + offset + i, load_le<std::uint32_t>(data, i), false);
    return {};
}

Result<void> MemoryFlash::erase(std::uint32_t offset) {
    if (!holds(offset, 1)) return fail(Error::out_of_range);
    const EraseUnit unit = geometry_.unit_at(offset);
    if (offset != unit.offset) return fail(Error::unaligned);
    for (std::uint32_t i = 0; i < unit.bytes; i += 4) sb_flash_operation(address_ + offset + i, 0xFFFFFFFF, true);
    return {};
}

Result<bool> MemoryFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    for (std::uint32_t i = 0; i < length; ++i) {
        if (*cell(address_ + offset + i) != geometry_.erased) return false;
    }
    return true;
}

}  // namespace sb::mps2
