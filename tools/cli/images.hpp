// tools/cli: signed images as files: read, parsed by the core, and described.
#pragma once

#include <string>
#include <vector>

#include "core/flash/map.hpp"
#include "core/image/image.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct ImageFile {
    std::string path;
    Buffer bytes;  ///< header through last TLV; what followed in the file is left out
    ImageInfo info{};
    Digest digest{};
    bool verified = false;  ///< its signature was checked
};

/// What is in `bytes`, of a file at `path`; its signature is not looked at. Throws Failure.
[[nodiscard]] ImageFile image_of(Buffer bytes, const std::string& path);
/// Reads an image; its signature is not looked at. Throws Failure.
[[nodiscard]] ImageFile read_image(const std::string& path);
/// Reads an image and verifies it under `ring`. Throws Failure.
[[nodiscard]] ImageFile read_verified_image(const std::string& path, KeyRing ring);

/// Whether `bytes` start as an MCUboot image does.
[[nodiscard]] bool looks_like_image(Bytes bytes);

/// Refuses an image that is bound to an address and whose reset vector leads elsewhere, as devices would. Throws
/// Failure.
void need_start(const FlashMap& map, const ImageFile& image);

/// Fields of the JSON document and lines of text that describe an image.
[[nodiscard]] Json image_json(const ImageFile& image);
[[nodiscard]] std::string image_text(const ImageFile& image);

}  // namespace sb::cli
