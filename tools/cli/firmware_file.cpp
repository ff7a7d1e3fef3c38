#include "tools/cli/firmware_file.hpp"

#include <spdlog/spdlog.h>

namespace sb::cli {

std::string_view kind_name(diff::InputKind kind) {
    switch (kind) {
        case diff::InputKind::elf_executable:
            return "ELF";
        case diff::InputKind::intel_hex:
            return "Intel HEX";
        case diff::InputKind::uf2:
            return "UF2";
        default:
            return "image";
    }
}

std::optional<diff::InputImage> unwrapped(Bytes file, const std::string& path) {
    const diff::InputKind kind = diff::input_kind(file);
    if (kind == diff::InputKind::image) return std::nullopt;
    try {
        diff::InputImage image = diff::unwrap(file);
        if (image.kind == diff::InputKind::image) return std::nullopt;
        spdlog::warn("{}: {}; taken is the image in it, {} bytes at {:#x}", path, kind_name(kind), image.bytes.size(),
                     image.flash_address);
        return image;
    } catch (const diff::InputError& e) {
        spdlog::warn("{}: looks like {}, but {}; taken as it is", path, kind_name(kind), e.what());
        return std::nullopt;
    }
}

}  // namespace sb::cli
