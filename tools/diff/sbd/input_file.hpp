// tools/diff/sbd: files that hold an image in wrapping, as linkers and flashing tools write them, turned into the bytes
// that stand in flash: ELF (32 and 64 bits, little endian), Intel HEX, UF2.
#pragma once

#include <vector>

#include "tools/diff/sbd/elf_file.hpp"
#include "tools/diff/sbd/segments.hpp"

namespace sb::diff {

enum class InputKind : std::uint8_t { image, elf_executable, intel_hex, uf2 };

/// By the first bytes. A shared library (ELF, ET_DYN) is an image: it is installed as it is.
[[nodiscard]] InputKind input_kind(Bytes file);

struct InputImage {
    InputKind kind = InputKind::image;  ///< what the file turned out to be
    std::vector<std::uint8_t> bytes;
    std::uint32_t flash_address = 0;  ///< where the first byte stands in flash; 0 for a plain image
    LoadTable table;                  ///< of a plain image: load_table()
};

/// Gaps between parts read as 0 (ELF, as objcopy fills them) or as erased flash, 0xff (the others).
/// Throws InputError when the file is damaged or its parts are more than `most_bytes` apart.
[[nodiscard]] InputImage unwrap(Bytes file, std::size_t most_bytes = std::size_t{256} << 20);
/// The same of an ELF file of any type. Throws InputError.
[[nodiscard]] InputImage unwrap_elf(Bytes file, std::size_t most_bytes = std::size_t{256} << 20);

}  // namespace sb::diff
