// What the self-test looks at on this chip.
#pragma once

#include <array>

#include "board/nrf51/clock.hpp"
#include "board/nrf51/image_info.hpp"
#include "board/nrf51/registers.hpp"

namespace app::nrf51 {

class Bench final : public TestBench {
public:
    [[nodiscard]] Image image() const override { return running_image(); }
    [[nodiscard]] std::span<volatile std::uint32_t> scratch() override { return scratch_; }
    [[nodiscard]] std::uint32_t processor_ticks_in(std::uint32_t microseconds) override {
        return nrf51::processor_ticks_in(microseconds);
    }
    [[nodiscard]] std::uint32_t processor_hertz() const override { return system::processor_hertz; }

private:
    std::array<volatile std::uint32_t, 128> scratch_{};
};

}  // namespace app::nrf51
