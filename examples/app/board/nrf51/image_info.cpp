#include "board/nrf51/image_info.hpp"

#include "base/release.hpp"

extern "C" {
extern const std::uint8_t app_image_start[];  // the linker script says where
extern const app::nrf51::ImageInfo app_image_info;
[[gnu::section(".image_info"), gnu::used]] const app::nrf51::ImageInfo app_image_info = {
    app::nrf51::image_info_magic, 0, 0, {app::release::major, app::release::minor, app::release::patch, 0}};
}

namespace app::nrf51 {

TestBench::Image running_image() {
    constexpr std::uint32_t longest = 0x40000;
    // What is read here was written by the build after the compiler had its say: it shall not know which object this
    // is.
    const ImageInfo* info = &app_image_info;
    asm("" : "+r"(info));
    const std::uint32_t length = info->length;
    const auto crc_at =
        reinterpret_cast<std::uint32_t>(&info->crc) - reinterpret_cast<std::uint32_t>(&app_image_start[0]);
    if (length < crc_at + 4 || length > longest) return {{}, {}, ~0U};
    return {{app_image_start, crc_at}, {app_image_start + crc_at + 4, length - crc_at - 4}, info->crc};
}

}  // namespace app::nrf51
