// The two configuration pages at the end of the flash, written through the controller (NVMC).
#pragma once

#include "config/store.hpp"

namespace app::nrf51 {

class FlashPages final : public ConfigPages {
public:
    [[nodiscard]] Page read(unsigned page) const override;
    [[nodiscard]] bool replace(unsigned page, std::span<const std::uint32_t> words) override;
};

}  // namespace app::nrf51
