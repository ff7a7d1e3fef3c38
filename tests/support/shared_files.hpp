// tests/support: files of other people's programs, which are not part of the tree. A test that wants one looks for it
// here and skips itself where there is none.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace sb::test_support {

/// The folder of fixtures and of pairs of firmware: $SWITCHBACK_SHARED, or `shared` beside the checkout. May not exist.
inline std::filesystem::path shared_folder() {
    if (const char* named = std::getenv("SWITCHBACK_SHARED"); named != nullptr && *named != 0) return named;
    return std::filesystem::path(SB_SOURCE_DIR) / ".." / "shared";
}

/// The content of `file`; empty when it cannot be read.
inline std::vector<std::uint8_t> read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) return {};
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(in.tellg()));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

}  // namespace sb::test_support
