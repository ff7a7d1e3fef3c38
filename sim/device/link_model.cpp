#include "sim/device/link_model.hpp"

#include <array>

namespace sb::sim {
namespace {

// LoRaWAN DR0 (SF12, 125 kHz): 51 bytes take about 2.8 s on the air; a duty cycle of 1 % makes that 280 s a message
// (LoRaWAN Regional Parameters RP002, EU868). NFC: 26 kbit/s is what phones reach.
constexpr std::array<LinkModel, 6> models = {{
    {"uart", 1024, 92160, 0.002, "115200 baud, 8N1, pieces of 1024 bytes"},
    {"ble", 244, 200000, 0.0, "ATT writes of 244 bytes, 200 kbit/s without waiting for each answer"},
    {"zigbee", 64, 10000, 0.0, "blocks of 64 bytes at 10 kbit/s"},
    {"nbiot", 512, 20000, 2.0, "blocks of 512 bytes at 20 kbit/s, each answered after 2 s"},
    {"lora", 51, 250, 278.4, "LoRaWAN DR0: 51 bytes a message, duty cycle 1 %"},
    {"nfc", 250, 26000, 0.0, "APDUs of 250 bytes at 26 kbit/s"},
}};

}  // namespace

std::span<const LinkModel> link_models() {
    return models;
}

std::optional<LinkModel> find_link(std::string_view name) {
    for (const LinkModel& model : models)
        if (model.name == name) return model;
    return std::nullopt;
}

}  // namespace sb::sim
