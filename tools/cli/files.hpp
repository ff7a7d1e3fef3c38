// tools/cli: files in and out. What is written appears whole under its name or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::cli {

using Buffer = std::vector<std::uint8_t>;

/// The whole file. Throws Failure (environment).
[[nodiscard]] Buffer read_file(const std::string& path);

/// Writes beside `path`, flushes to the disk and renames. Throws Failure (environment) and leaves nothing behind.
/// With `secret` only the owner may read the file.
void write_file(const std::string& path, Bytes data, bool secret = false);
void write_file(const std::string& path, const std::string& text, bool secret = false);

/// Throws Failure (usage) when `output` is the same file as one of `inputs`.
void refuse_overwriting(const std::string& output, std::initializer_list<std::string> inputs);

/// Throws Failure when `out` lies inside the device directory `dir`: a result must not overwrite the device.
void refuse_inside(const std::string& out, const std::string& dir);

}  // namespace sb::cli
