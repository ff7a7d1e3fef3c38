// tools/diff/sbd: the tables in images that say where their parts are loaded, and where RAM is then.
//
// Known: ELF (System V ABI, program headers), U-Boot's legacy uImage, ESP8266 and ESP32 (Espressif, "Firmware Image
// Format" of esptool), PHY6222 (as its SDK's tools write it), Telink (the mark that its boot ROM looks for).
#pragma once

#include <vector>

#include "core/base/bytes.hpp"
#include "core/delta/sbd/field.hpp"

namespace sb::diff {

struct LoadTable {
    std::vector<sbd::LoadSegment> segments;                    ///< empty: the image says nothing
    sbd::Architecture architecture = sbd::Architecture::none;  ///< none: the image does not say it
    std::uint32_t ram_address = 0;                             ///< RAM that is no segment; 0 bytes: not known
    std::uint32_t ram_bytes = 0;
};

/// Offsets and sizes that the image names are checked; a table with a wrong one is none.
[[nodiscard]] LoadTable load_table(Bytes image);

/// By e_machine. Arm is left out: its ELF files are of A32 or of Thumb.
[[nodiscard]] sbd::Architecture elf_architecture(std::uint16_t machine);

}  // namespace sb::diff
