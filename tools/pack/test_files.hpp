// tools/pack, for tests: files of other people's programs that stand beside the source tree, when they do.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sb::pack {

/// The folder of fixtures and corpus: $SWITCHBACK_SHARED, or ../shared beside the source tree. May not exist.
inline std::filesystem::path shared_folder() {
    if (const char* named = std::getenv("SWITCHBACK_SHARED"); named != nullptr && *named != 0) return named;
    return std::filesystem::path(SB_SOURCE_DIR) / ".." / "shared";
}

inline std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace sb::pack
