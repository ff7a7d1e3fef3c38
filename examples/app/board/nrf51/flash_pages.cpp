#include "board/nrf51/flash_pages.hpp"

#include "board/nrf51/registers.hpp"

extern "C" {
extern std::uint32_t app_config_pages;  // the linker script says where
}

namespace app::nrf51 {
namespace {

constexpr std::uint32_t page_bytes = 1024;
constexpr std::uint32_t longest_wait = 1000000;

std::uint32_t address_of(unsigned page) {
    return reinterpret_cast<std::uint32_t>(&app_config_pages) + (page & 1U) * page_bytes;
}

bool wait_ready() {
    for (std::uint32_t i = 0; i < longest_wait; ++i) {
        if ((reg(nvmc::ready) & 1U) != 0) return true;
    }
    return false;
}

}  // namespace

ConfigPages::Page FlashPages::read(unsigned page) const {
    Page p{};
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = reg(address_of(page) + static_cast<std::uint32_t>(4 * i));
    return p;
}

bool FlashPages::replace(unsigned page, std::span<const std::uint32_t> words) {
    const std::uint32_t base = address_of(page);
    reg(nvmc::config) = nvmc::erase_enabled;
    reg(nvmc::erase_page) = base;
    bool good = wait_ready();
    reg(nvmc::config) = nvmc::write_enabled;
    for (std::size_t i = 0; i < words.size() && good; ++i) {
        reg(base + static_cast<std::uint32_t>(4 * i)) = words[i];
        good = wait_ready();
    }
    reg(nvmc::config) = nvmc::read_only;
    for (std::size_t i = 0; i < words.size() && good; ++i) {
        good = reg(base + static_cast<std::uint32_t>(4 * i)) == words[i];
    }
    return good;
}

}  // namespace app::nrf51
