// Commands that make the monitor do something.
#include <array>

#include "application.hpp"
#include "base/parse.hpp"
#include "console/handlers.hpp"

namespace app::handlers {

void acknowledge(Application& app, std::string_view /*args*/) {
    const std::size_t n = app.alarms().acknowledge();
    for (std::size_t i = 0; i < alarm_count; ++i) {
        if (app.alarms().state(i) == AlarmState::acknowledged) {
            app.note(Event::alarm_acknowledged, static_cast<std::int32_t>(i));
        }
    }
    print(app.out(), "{} acknowledged\n", n);
}

void defrost(Application& app, std::string_view /*args*/) {
    if (app.defrost().state() != Defrost::State::cooling) {
        print(app.out(), "already: {}\n", name_of(app.defrost().state()));
        return;
    }
    app.ask_for_defrost();
    print(app.out(), "starts within a second\n");
}

void door(Application& app, std::string_view args) {
    const std::string_view word = next_word(args);
    if (abbreviates(word, "open")) {
        app.set_door(true);
    } else if (abbreviates(word, "closed")) {
        app.set_door(false);
    } else if (!word.empty()) {
        print(app.out(), "door: open or closed\n");
        return;
    }
    print(app.out(), "door {}\n", app.door_open() ? "open" : "closed");
}

void eco(Application& app, std::string_view args) {
    const auto on = parse_switch(next_word(args));
    if (on) app.set_eco(*on);
    print(app.out(), "eco {}\n", app.eco() ? "on" : "off");
}

void bus(Application& app, std::string_view args) {
    std::array<std::uint8_t, 48> frame{};
    const auto length = parse_hex_bytes(args, {frame.data(), frame.size() - 2});
    if (!length || *length < 2) {
        print(app.out(), "bus HEX…: address, function and data, up to 46 bytes\n");
        return;
    }
    const std::uint16_t crc = crc16_modbus({frame.data(), *length});
    frame[*length] = static_cast<std::uint8_t>(crc & 0xff);
    frame[*length + 1] = static_cast<std::uint8_t>(crc >> 8);
    const auto own = static_cast<std::uint8_t>(app.parameters().get(Parameter::bus_address));
    const Bytes answer = app.bus().handle({frame.data(), *length + 2}, own);
    if (answer.empty()) {
        print(app.out(), "no answer\n");
        return;
    }
    for (const std::uint8_t b : answer) print(app.out(), "{:02x} ", static_cast<unsigned>(b));
    print(app.out(), "\n");
    const BusException e = app.bus().last_exception();
    if (e != BusException::none) app.note(Event::bus_error, static_cast<std::int32_t>(e));
}

}  // namespace app::handlers
