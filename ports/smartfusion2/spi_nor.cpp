#include "ports/smartfusion2/spi_nor.hpp"

#include "generated/board.hpp"
#include "ports/port.hpp"
#include "ports/smartfusion2/registers.hpp"

namespace sb::smartfusion2 {

namespace {

namespace part = board::flash_spi;
constexpr std::uint32_t sector_bytes = part::erase_map[0].unit_bytes;
constexpr std::uint32_t page_bytes = 256;
static_assert(sector_bytes == 65536 && part::erase_map.size() == 1);

constexpr std::uint8_t read_command = 0x03;
constexpr std::uint8_t program_command = 0x02;
constexpr std::uint8_t erase_command = 0xD8;
constexpr std::uint8_t write_enable = 0x06;
constexpr std::uint8_t read_status = 0x05;
constexpr std::uint8_t busy = 0x01;
constexpr std::uint8_t enabled = 0x02;
constexpr std::uint8_t failed = 0x60;  // P_ERR, E_ERR

// Longest of the datasheet, and as much again.
constexpr std::uint32_t longest_program = 2 * 3'000;
constexpr std::uint32_t longest_erase = 2 * 2'000'000;

using Command = std::array<std::uint8_t, 4>;

constexpr Command at(std::uint8_t command, std::uint32_t offset) {
    return {command, static_cast<std::uint8_t>(offset >> 16U), static_cast<std::uint8_t>(offset >> 8U),
            static_cast<std::uint8_t>(offset)};
}

bool holds(std::uint32_t offset, std::size_t length) {
    return offset <= part::geometry.bytes && length <= part::geometry.bytes - offset;
}

/// A byte out, the one that comes meanwhile in. False: the controller does not answer.
bool exchange(std::uint8_t out, std::uint8_t& in) {
    constexpr std::uint32_t longest_wait = 10'000;  // a byte takes 0.5 us
    reg(spi::transmit) = out;
    for (std::uint32_t i = 0; (reg(spi::status) & spi::rx_empty) != 0; ++i) {
        if (i == longest_wait) return false;
    }
    in = static_cast<std::uint8_t>(reg(spi::received));
    return true;
}

/// One transaction: the part is selected for exactly these bytes. Requires: at most spi::most_frames in all.
bool transfer(Bytes command, Bytes out, MutableBytes in) {
    const std::size_t frames = command.size() + out.size() + in.size();
    reg(spi::control) = 0;
    reg(spi::frame_bits) = 8;
    reg(spi::control) = spi::big_fifo | spi::selected_for_all_frames | frames << spi::count_shift | spi::enabled_master;
    std::uint8_t ignored = 0;
    for (const std::uint8_t byte : command) {
        if (!exchange(byte, ignored)) return false;
    }
    for (const std::uint8_t byte : out) {
        if (!exchange(byte, ignored)) return false;
    }
    for (std::uint8_t& byte : in) {
        if (!exchange(0, byte)) return false;
    }
    return true;
}

bool status(std::uint8_t& value) {
    return transfer({{read_status}}, {}, MutableBytes(&value, 1));
}

/// Until the part is at rest. False: not within `longest` microseconds, or it reports failure.
bool wait(std::uint32_t longest) {
    const std::uint32_t from = port::microseconds();
    for (std::uint8_t now = 0;;) {
        if (!status(now)) return false;
        if ((now & busy) == 0) return (now & failed) == 0;
        if (port::microseconds() - from > longest) return false;
        port::kick_watchdog();
    }
}

}  // namespace

}  // namespace sb::smartfusion2

extern "C" {
/// The one place where cells change: programs `bytes` of one page at `offset`, or erases the sector there. Tests that
/// cut the power stop here. Answers whether the part did it.
[[gnu::noinline, gnu::used]] bool sb_flash_operation(std::uint32_t command, std::uint32_t offset,
                                                     const std::uint8_t* data, std::uint32_t bytes) {
    using namespace sb::smartfusion2;
    std::uint8_t now = 0;
    if (!transfer({{write_enable}}, {}, {}) || !status(now) || (now & enabled) == 0) return false;
    return transfer(at(static_cast<std::uint8_t>(command), offset), {data, bytes}, {}) &&
           wait(command == erase_command ? longest_erase : longest_program);
}
}

namespace sb::smartfusion2 {

void start_spi() {
    reg(spi::clock) = spi::clock_by_4;
    reg(spi::select) = 1;
}

const Geometry& SpiNor::geometry() const {
    return part::geometry;
}

Result<void> SpiNor::read(std::uint32_t offset, MutableBytes out) {
    constexpr std::size_t most = 32'768;
    static_assert(most + sizeof(Command) <= spi::most_frames);
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    while (!out.empty()) {
        const MutableBytes piece = out.first(out.size() < most ? out.size() : most);
        if (!transfer(at(read_command, offset), {}, piece)) return fail(Error::io);
        offset += static_cast<std::uint32_t>(piece.size());
        out = out.subspan(piece.size());
    }
    return {};
}

/// Never beyond the end of a page: the part would go on at the page's start.
Result<void> SpiNor::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    while (!data.empty()) {
        const std::size_t room = page_bytes - offset % page_bytes;
        const Bytes piece = data.first(data.size() < room ? data.size() : room);
        const auto bytes = static_cast<std::uint32_t>(piece.size());
        if (!sb_flash_operation(program_command, offset, piece.data(), bytes)) return fail(Error::io);
        offset += bytes;
        data = data.subspan(bytes);
    }
    return {};
}

Result<void> SpiNor::erase(std::uint32_t offset) {
    if (!holds(offset, sector_bytes)) return fail(Error::out_of_range);
    if (offset % sector_bytes != 0) return fail(Error::unaligned);
    if (!sb_flash_operation(erase_command, offset, nullptr, 0)) return fail(Error::io);
    return {};
}

Result<bool> SpiNor::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    std::array<std::uint8_t, 64> piece;
    for (std::uint32_t done = 0; done < length;) {
        const MutableBytes cells =
            MutableBytes(piece).first(length - done < piece.size() ? length - done : piece.size());
        SB_TRY(read(offset + done, cells));
        for (const std::uint8_t cell : cells) {
            if (cell != part::geometry.erased) return false;
        }
        done += static_cast<std::uint32_t>(cells.size());
    }
    return true;
}

}  // namespace sb::smartfusion2
