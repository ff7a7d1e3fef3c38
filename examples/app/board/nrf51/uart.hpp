// The UART: polled transmission; reception by interrupt into a ring that the main loop empties.
#pragma once

#include "base/text.hpp"

namespace app::nrf51 {

class Uart final : public Sink {
public:
    /// 115200 baud, eight bits, no parity, on the pins of the micro:bit's USB interface.
    void start();
    void put(char c) override;
    /// Takes a received character; false when there is none.
    [[nodiscard]] static bool get(char& c);
};

}  // namespace app::nrf51
