#include "selftest/known_answers.hpp"

#include <array>
#include <string_view>

#include "base/crc.hpp"
#include "base/math.hpp"
#include "filter/chain.hpp"
#include "filter/goertzel.hpp"
#include "sensors/humidity.hpp"
#include "sensors/thermistor.hpp"

namespace app {
namespace {

Bytes bytes_of(std::string_view s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

bool near(std::int32_t value, std::int32_t wanted, std::int32_t tolerance) {
    return magnitude_of(value - wanted) <= tolerance;
}

constexpr FilterRecipe reference_recipe{{30, 100, 4}, 3, 4, LowPass::f10th};

/// Step response of the whole chain with one spike in it; the digest was computed a second way, in
/// scripts/tables.py (chain).
bool chain_answers() {
    FilterChain chain(reference_recipe);
    std::array<std::uint8_t, 4> word{};
    std::uint32_t crc = 0;
    for (int i = 0; i < 64; ++i) {
        const std::int32_t in = i == 20 ? 30000 : i < 32 ? 1000 + i % 3 : 5000 - i % 5;
        const auto out = static_cast<std::uint32_t>(chain.step(in));
        for (std::size_t b = 0; b < 4; ++b) word[b] = static_cast<std::uint8_t>(out >> (8 * b));
        crc = crc32(word, crc);
    }
    return crc == 0xf14124b9 && chain.rejected() == 5;
}

/// Eight samples a period, 64 samples, amplitude 1000: two_cosine = 2·cos(45°) = √2.
bool goertzel_answers() {
    constexpr std::array<std::int32_t, 8> wave{0, 707, 1000, 707, 0, -707, -1000, -707};
    Goertzel tuned(23170, 64);
    Goertzel untuned(0, 64);
    for (std::size_t i = 0; i < 64; ++i) {
        (void)tuned.step(wave[i % 8]);
        (void)untuned.step(wave[i % 8]);
    }
    return near(static_cast<std::int32_t>(tuned.amplitude()), 1000, 5) && untuned.amplitude() < 20;
}

}  // namespace

bool filter_known_answer() {
    return chain_answers() && goertzel_answers();
}

bool crc_known_answer() {
    // The check values of both catalogues: the digits one to nine.
    return crc32(bytes_of("123456789")) == 0xcbf43926 && crc16_modbus(bytes_of("123456789")) == 0x4b37;
}

bool sensor_known_answer() {
    // 10 k against 10 k is half scale at 25 degrees; water freezes at 611 Pa; 50 % at 20 °C condenses at 9.3 °C.
    const auto t = thermistor_temperature(Thermistor::ntc10k_b3435, 2048);
    if (!t || !near(*t, 25000, 60)) return false;
    if (thermistor_temperature(Thermistor::ntc5k_b3977, 4095)) return false;
    if (!near(saturation_pressure(0), 611, 1)) return false;
    return near(dew_point(20000, 500), 9270, 150);
}

bool arithmetic_known_answer() {
    if (square_root(1000000) != 1000 || square_root(0xffffffff) != 65535) return false;
    if (!near(log_thousandths(2718), 1000, 1) || !near(log_thousandths(500), -693, 1)) return false;
    return multiply_divide(2000000000, 3, 4) == 1500000000 && multiply_divide(2000000000, 4, 1) == 0x7fffffff;
}

}  // namespace app
