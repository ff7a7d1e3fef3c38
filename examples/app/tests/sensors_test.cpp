#include <gtest/gtest.h>

#include <cmath>

#include "sensors/channels.hpp"
#include "sensors/humidity.hpp"
#include "sensors/plant.hpp"

namespace app {
namespace {

TEST(Thermistor, CountsAndTemperatureAreEachOthersInverse) {
    for (const Thermistor type : {Thermistor::ntc10k_b3435, Thermistor::ntc5k_b3977}) {
        for (Millidegrees t = -30000; t < 60000; t += 1500) {
            const auto back = thermistor_temperature(type, thermistor_counts(type, t));
            ASSERT_TRUE(back);
            EXPECT_NEAR(*back, t, 80) << t;
        }
    }
}

TEST(Thermistor, BrokenCablesHaveNoTemperature) {
    EXPECT_FALSE(thermistor_temperature(Thermistor::ntc10k_b3435, 4095));
    EXPECT_FALSE(thermistor_temperature(Thermistor::ntc10k_b3435, 0));
    EXPECT_EQ(thermistor_temperature(Thermistor::ntc10k_b3435, 2047).has_value(), true);
}

TEST(Humidity, CountsAndHumidityAreEachOthersInverse) {
    for (Permille h = 50; h <= 950; h += 50) {
        for (const Millidegrees t : {-10000, 4000, 25000}) {
            EXPECT_NEAR(relative_humidity(humidity_counts(h, t), t), h, 1);
        }
    }
}

TEST(Humidity, DewPointIsThatOfTheMagnusFormula) {
    for (const double t : {-5.0, 4.0, 12.0, 25.0}) {
        for (const double h : {0.3, 0.6, 0.95}) {
            const double g = std::log(h) + 17.62 * t / (243.12 + t);
            const double truth = 243.12 * g / (17.62 - g);
            const auto mine = dew_point(static_cast<Millidegrees>(t * 1000), static_cast<Permille>(h * 1000));
            EXPECT_NEAR(mine / 1000.0, truth, 0.25) << t << " " << h;
        }
    }
}

TEST(Channels, ALostSensorIsInvalidAndComesBack) {
    Channels c;
    c.sample(Channel::air, 2048, 0);
    EXPECT_TRUE(c.reading(Channel::air).valid);
    c.sample(Channel::air, 4095, 1);
    EXPECT_FALSE(c.reading(Channel::air).valid);
    c.sample(Channel::air, 2048, 2);
    EXPECT_NEAR(c.reading(Channel::air).value, 25000, 100);
}

TEST(Channels, CalibrationMovesTheValue) {
    Channels c;
    c.calibrate(Channel::supply, {-150, 1010});
    c.sample(Channel::supply, 2707, 0);
    EXPECT_NEAR(c.reading(Channel::supply).value, 23996 * 1.01 - 150, 2);
}

TEST(Channels, SlopeIsTheChangeAMinute) {
    Channels c;
    for (std::uint32_t s = 0; s <= 300; ++s) {
        c.sample(Channel::air, thermistor_counts(Thermistor::ntc10k_b3435, 4000 + static_cast<std::int32_t>(s) * 20),
                 s);
    }
    EXPECT_NEAR(c.reading(Channel::air).slope, 1200, 60);
}

TEST(Plant, CoolsWithTheCompressorAndWarmsThroughTheDoor) {
    Plant p(1);
    for (int i = 0; i < 1200; ++i) p.step({true, false, false, 60});
    const Millidegrees cooled = p.air();
    EXPECT_LT(cooled, 4000);
    EXPECT_LT(p.evaporator(), -5000);
    for (int i = 0; i < 600; ++i) p.step({false, false, true, 0});
    EXPECT_GT(p.air(), cooled + 5000);
}

TEST(Plant, FrostGrowsAndTheHeaterTakesItAway) {
    Plant p(1);
    for (int i = 0; i < 2400; ++i) p.step({true, false, i % 100 == 0, 60});
    const std::int32_t frost = p.frost_grams();
    EXPECT_GT(frost, 10);
    for (int i = 0; i < 3000; ++i) p.step({false, true, false, 0});
    EXPECT_LT(p.frost_grams(), frost / 2);
}

}  // namespace
}  // namespace app
