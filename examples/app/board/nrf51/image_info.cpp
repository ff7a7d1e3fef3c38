#include "board/nrf51/image_info.hpp"

#include "base/release.hpp"

extern "C" {
extern const std::uint8_t app_image_start[];  // the linker script says where
// Volatile: what is read here was written by the build after the compiler had its say.
extern const volatile app::nrf51::ImageInfo app_image_info;
[[gnu::section(".image_info"), gnu::used]] const volatile app::nrf51::ImageInfo app_image_info = {
    app::nrf51::image_info_magic, 0, 0, {app::release::major, app::release::minor, app::release::patch, 0}};
}

namespace app::nrf51 {

TestBench::Image running_image() {
    constexpr std::uint32_t longest = 0x40000;
    const std::uint32_t length = app_image_info.length;
    const auto crc_at =
        reinterpret_cast<std::uint32_t>(&app_image_info.crc) - reinterpret_cast<std::uint32_t>(&app_image_start[0]);
    if (length < crc_at + 4 || length > longest) return {{}, {}, ~0U};
    return {{app_image_start, crc_at}, {app_image_start + crc_at + 4, length - crc_at - 4}, app_image_info.crc};
}

}  // namespace app::nrf51
