#include "ports/microbit/nvmc_flash.hpp"

#include "generated/board.hpp"
#include "ports/microbit/registers.hpp"

extern "C" {
/// The one place where cells change: writes `value` to `address` with the controller in `mode`. Tests that cut the
/// power stop here. Answers whether the controller got ready.
[[gnu::noinline, gnu::used]] bool sb_flash_operation(std::uint32_t address, std::uint32_t value, std::uint32_t mode) {
    // A page erase takes up to 22.3 ms (nRF51822 Product Specification 3.x): at 16 MHz this is longer by far.
    constexpr std::uint32_t longest_wait = 1'000'000;
    namespace nvmc = sb::microbit::nvmc;
    using sb::microbit::reg;
    reg(nvmc::config) = mode;
    reg(address) = value;
    bool ready = false;
    for (std::uint32_t i = 0; i < longest_wait && !ready; ++i) ready = (reg(nvmc::ready) & 1) != 0;
    reg(nvmc::config) = nvmc::config_read;
    return ready;
}
}

namespace sb::microbit {

namespace {

namespace part = board::flash_internal;
constexpr std::uint32_t page_bytes = part::erase_map[0].unit_bytes;

bool holds(std::uint32_t offset, std::size_t length) {
    return offset <= part::geometry.bytes && length <= part::geometry.bytes - offset;
}

const std::uint8_t* cell(std::uint32_t offset) {
    return reinterpret_cast<const std::uint8_t*>(part::address + offset);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

const Geometry& NvmcFlash::geometry() const {
    return part::geometry;
}

Result<void> NvmcFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    copy(out, {cell(offset), out.size()});
    return {};
}

Result<void> NvmcFlash::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    if (((offset | data.size()) & 3) != 0) return fail(Error::unaligned);
    for (std::uint32_t i = 0; i < data.size(); i += 4) {
        if (!sb_flash_operation(part::address + offset + i, load_le<std::uint32_t>(data, i), nvmc::config_write))
            return fail(Error::io);
    }
    return {};
}

Result<void> NvmcFlash::erase(std::uint32_t offset) {
    if (!holds(offset, page_bytes)) return fail(Error::out_of_range);
    if (offset % page_bytes != 0) return fail(Error::unaligned);
    if (!sb_flash_operation(nvmc::erase_page, part::address + offset, nvmc::config_erase)) return fail(Error::io);
    return {};
}

Result<bool> NvmcFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    for (std::uint32_t i = 0; i < length; ++i) {
        if (*cell(offset + i) != part::geometry.erased) return false;
    }
    return true;
}

}  // namespace sb::microbit
