// Modbus RTU, the server's side, without I/O: a frame goes in, the answer comes out. Functions 3, 4, 6, 16 and
// 43/14 (identification); from release 1.1 also 23. Source: MODBUS Application Protocol V1.1b3.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/crc.hpp"

namespace app {

enum class BusException : std::uint8_t {
    none = 0,
    illegal_function = 1,
    illegal_address = 2,
    illegal_value = 3,
    device_failure = 4
};

/// What stands behind the register addresses.
class Registers {
public:
    [[nodiscard]] virtual BusException read_input(std::uint16_t address, std::uint16_t& value) const = 0;
    [[nodiscard]] virtual BusException read_holding(std::uint16_t address, std::uint16_t& value) const = 0;
    [[nodiscard]] virtual BusException write_holding(std::uint16_t address, std::uint16_t value) = 0;

protected:
    ~Registers() = default;
};

class ModbusServer {
public:
    static constexpr std::size_t max_frame = 256;

    explicit ModbusServer(Registers& registers) : registers_(&registers) {}

    /// Handles one frame (address … CRC). Gives the answer with its CRC; empty when none is due: another address,
    /// a broadcast, a wrong CRC. The answer is valid until the next call.
    [[nodiscard]] Bytes handle(Bytes frame, std::uint8_t own_address);

    [[nodiscard]] std::uint32_t frames() const { return frames_; }
    [[nodiscard]] std::uint32_t bad_crc() const { return bad_crc_; }
    [[nodiscard]] BusException last_exception() const { return last_exception_; }

private:
    void put(unsigned v) { answer_[used_++] = static_cast<std::uint8_t>(v); }
    void put16(unsigned v);
    BusException dispatch(Bytes pdu);
    BusException read_registers(Bytes pdu, bool holding);
    BusException write_one(Bytes pdu);
    BusException write_many(Bytes pdu);
    BusException read_write(Bytes pdu);
    BusException identify(Bytes pdu);
    BusException read_range(std::uint16_t first, std::uint16_t count, bool holding);
    BusException write_range(std::uint16_t first, Bytes values);

    Registers* registers_;
    std::array<std::uint8_t, max_frame> answer_{};
    std::size_t used_ = 0;
    std::uint32_t frames_ = 0;
    std::uint32_t bad_crc_ = 0;
    BusException last_exception_ = BusException::none;
};

}  // namespace app
