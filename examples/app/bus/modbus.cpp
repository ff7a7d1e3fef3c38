#include "bus/modbus.hpp"

#include <string_view>

#include "base/release.hpp"
#include "base/text.hpp"

namespace app {
namespace {

constexpr std::uint16_t max_read = 125;
constexpr std::uint16_t max_write = 123;

std::uint16_t get16(Bytes b, std::size_t at) {
    return static_cast<std::uint16_t>(b[at] << 8 | b[at + 1]);
}

}  // namespace

void ModbusServer::put16(unsigned v) {
    put(v >> 8);
    put(v & 0xff);
}

Bytes ModbusServer::handle(Bytes frame, std::uint8_t own_address) {
    if (frame.size() < 4 || frame.size() > max_frame) return {};
    const std::size_t body = frame.size() - 2;
    const unsigned received = static_cast<unsigned>(frame[body]) | static_cast<unsigned>(frame[body + 1]) << 8;
    if (crc16_modbus(frame.first(body)) != received) {
        ++bad_crc_;
        return {};
    }
    const bool broadcast = frame[0] == 0;
    if (!broadcast && frame[0] != own_address) return {};
    ++frames_;

    used_ = 0;
    put(own_address);
    const Bytes pdu = frame.subspan(1, body - 1);
    last_exception_ = dispatch(pdu);
    if (last_exception_ != BusException::none) {
        used_ = 1;
        put(pdu[0] | 0x80U);
        put(static_cast<unsigned>(last_exception_));
    }
    if (broadcast) return {};
    const std::uint16_t crc = crc16_modbus({answer_.data(), used_});
    put(crc & 0xffU);
    put(crc >> 8);
    return {answer_.data(), used_};
}

BusException ModbusServer::dispatch(Bytes pdu) {
    switch (pdu[0]) {
        case 3:
            return read_registers(pdu, true);
        case 4:
            return read_registers(pdu, false);
        case 6:
            return write_one(pdu);
        case 16:
            return write_many(pdu);
        case 23:
            if constexpr (release::has_read_write_registers) return read_write(pdu);
            return BusException::illegal_function;
        case 43:
            return identify(pdu);
        default:
            return BusException::illegal_function;
    }
}

BusException ModbusServer::read_range(std::uint16_t first, std::uint16_t count, bool holding) {
    if (count == 0 || count > max_read) return BusException::illegal_value;
    put(2U * count);
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto address = static_cast<std::uint16_t>(first + i);
        std::uint16_t value = 0;
        const BusException e =
            holding ? registers_->read_holding(address, value) : registers_->read_input(address, value);
        if (e != BusException::none) return e;
        put16(value);
    }
    return BusException::none;
}

BusException ModbusServer::write_range(std::uint16_t first, Bytes values) {
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
        const auto address = static_cast<std::uint16_t>(first + i / 2);
        const BusException e = registers_->write_holding(address, get16(values, i));
        if (e != BusException::none) return e;
    }
    return BusException::none;
}

BusException ModbusServer::read_registers(Bytes pdu, bool holding) {
    if (pdu.size() != 5) return BusException::illegal_value;
    put(pdu[0]);
    return read_range(get16(pdu, 1), get16(pdu, 3), holding);
}

BusException ModbusServer::write_one(Bytes pdu) {
    if (pdu.size() != 5) return BusException::illegal_value;
    const BusException e = write_range(get16(pdu, 1), pdu.subspan(3, 2));
    for (const std::uint8_t b : pdu) put(b);
    return e;
}

BusException ModbusServer::write_many(Bytes pdu) {
    if (pdu.size() < 6) return BusException::illegal_value;
    const std::uint16_t count = get16(pdu, 3);
    if (count == 0 || count > max_write || pdu[5] != 2 * count || pdu.size() != 6U + 2U * count) {
        return BusException::illegal_value;
    }
    put(pdu[0]);
    put16(get16(pdu, 1));
    put16(count);
    return write_range(get16(pdu, 1), pdu.subspan(6));
}

BusException ModbusServer::read_write(Bytes pdu) {
    if (pdu.size() < 10) return BusException::illegal_value;
    const std::uint16_t write_count = get16(pdu, 7);
    if (write_count == 0 || write_count > 121 || pdu[9] != 2 * write_count || pdu.size() != 10U + 2U * write_count) {
        return BusException::illegal_value;
    }
    const BusException e = write_range(get16(pdu, 5), pdu.subspan(10));  // the write comes first
    if (e != BusException::none) return e;
    put(pdu[0]);
    return read_range(get16(pdu, 1), get16(pdu, 3), true);
}

BusException ModbusServer::identify(Bytes pdu) {
    if (pdu.size() != 4 || pdu[1] != 14 || pdu[2] != 1) return BusException::illegal_value;
    std::array<char, 12> version{};
    BufferSink sink(version);
    print(sink, "{}.{}.{}", release::major, release::minor, release::patch);
    const std::array<std::string_view, 3> objects{"Switchback examples", "FJORD-6", sink.text()};
    put(43);
    put(14);
    put(1);     // basic identification
    put(0x01);  // conformity: basic, stream access only
    put(0);     // no more follows
    put(0);
    put(objects.size());
    for (std::size_t i = 0; i < objects.size(); ++i) {
        put(static_cast<unsigned>(i));
        put(static_cast<unsigned>(objects[i].size()));
        for (const char c : objects[i]) put(static_cast<unsigned char>(c));
    }
    return BusException::none;
}

}  // namespace app
