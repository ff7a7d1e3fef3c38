// tools/diff/sbd: ELF files (System V ABI; 32 and 64 bits, little endian): what is loaded, sections and symbols. No
// offset, size or number of a file is believed before it was compared with the file's length.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

struct InputError final : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// PT_LOAD with bytes in the file. Where it stands in flash is its physical address.
struct ElfSegment {
    std::uint64_t offset = 0;  ///< in the file
    std::uint32_t address = 0;
    std::uint32_t flash = 0;
    std::uint32_t file_bytes = 0;
    std::uint32_t memory_bytes = 0;
};

/// With bytes in the file that are loaded.
struct ElfSection {
    std::string name;
    std::uint64_t offset = 0;  ///< in the file
    std::uint64_t bytes = 0;
};

/// STT_FUNC or STT_OBJECT that is defined and not empty.
struct ElfSymbol {
    std::string name;
    std::uint64_t address = 0;  ///< without Thumb's lowest bit
    std::uint64_t bytes = 0;
    bool is_function = false;
};

class ElfFile {
public:
    /// Throws InputError when the header or a program header is damaged. Keeps `file`, which outlives the object.
    explicit ElfFile(Bytes file);

    [[nodiscard]] static bool recognises(Bytes file);

    [[nodiscard]] std::uint16_t machine() const { return machine_; }
    [[nodiscard]] const std::vector<ElfSegment>& segments() const { return segments_; }
    /// Whether a system loads it, with a linker of that system (PT_INTERP).
    [[nodiscard]] bool wants_interpreter() const { return wants_interpreter_; }
    /// All that is written to, .bss too: from the lowest address to the highest end. Equal when there is nothing.
    struct Range {
        std::uint64_t from = 0;
        std::uint64_t end = 0;
    };
    [[nodiscard]] Range written() const { return written_; }
    [[nodiscard]] Bytes bytes_of(const ElfSegment& segment) const {
        return file_.subspan(static_cast<std::size_t>(segment.offset), segment.file_bytes);
    }
    /// Each throws InputError when what it reads is damaged. A stripped file has none.
    [[nodiscard]] std::vector<ElfSection> sections() const;
    [[nodiscard]] std::vector<ElfSymbol> symbols() const;

private:
    struct SectionHeader {
        std::uint64_t offset, bytes, flags, entry_bytes;
        std::uint32_t name, type, link;
    };

    [[nodiscard]] std::vector<SectionHeader> section_headers() const;
    [[nodiscard]] Bytes content(const SectionHeader& section) const;
    void read_segments();

    Bytes file_;
    bool wide_ = false;
    std::uint16_t machine_ = 0;
    bool wants_interpreter_ = false;
    Range written_;
    std::vector<ElfSegment> segments_;
};

}  // namespace sb::diff
