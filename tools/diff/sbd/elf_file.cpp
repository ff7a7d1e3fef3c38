#include "tools/diff/sbd/elf_file.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

constexpr std::uint32_t elf_magic = 0x464c457f;
constexpr std::uint64_t addresses = std::uint64_t{1} << 32;

/// Loads without bounds would read outside of a damaged file.
template <class T>
T number(Bytes file, std::uint64_t at) {
    if (at > file.size() || file.size() - at < sizeof(T)) throw InputError("the ELF file ends inside a header");
    return load_le<T>(file, static_cast<std::size_t>(at));
}

/// The text that begins at `at` of a string table.
std::string text(Bytes table, std::uint32_t at) {
    if (at >= table.size()) throw InputError("a name of the ELF file lies outside of its table");
    const Bytes rest = table.subspan(at);
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end()) throw InputError("a name of the ELF file has no end");
    return {rest.begin(), end};
}

}  // namespace

bool ElfFile::recognises(Bytes file) {
    constexpr std::uint8_t little_endian = 1;
    return file.size() >= 20 && load_le<std::uint32_t>(file) == elf_magic && file[5] == little_endian &&
           (file[4] == 1 || file[4] == 2);
}

ElfFile::ElfFile(Bytes file) : file_(file) {
    if (!recognises(file)) throw InputError("no ELF file of 32 or 64 bits, little endian");
    wide_ = file[4] == 2;
    machine_ = number<std::uint16_t>(file, 18);
    read_segments();
}

void ElfFile::read_segments() {
    const std::uint64_t table = wide_ ? number<std::uint64_t>(file_, 32) : number<std::uint32_t>(file_, 28);
    const auto entry_bytes = number<std::uint16_t>(file_, wide_ ? 54 : 42);
    const auto count = number<std::uint16_t>(file_, wide_ ? 56 : 44);
    if (entry_bytes < (wide_ ? 56 : 32) || table > file_.size())
        throw InputError("the ELF file has no program headers");
    for (std::uint64_t k = 0; k < count; ++k) {
        const std::uint64_t at = table + k * entry_bytes;
        const auto field = [&](std::uint64_t narrow_at, std::uint64_t wide_at) {
            return wide_ ? number<std::uint64_t>(file_, at + wide_at) : number<std::uint32_t>(file_, at + narrow_at);
        };
        const std::uint64_t offset = field(4, 8), address = field(8, 16), flash = field(12, 24),
                            file_bytes = field(16, 32), memory_bytes = field(20, 40);
        constexpr std::uint32_t load = 1, interpreter = 3, writable = 2;
        const auto type = number<std::uint32_t>(file_, at);
        wants_interpreter_ = wants_interpreter_ || type == interpreter;
        if (type != load) continue;
        if ((number<std::uint32_t>(file_, at + (wide_ ? 4 : 24)) & writable) != 0 && memory_bytes != 0) {
            const bool first = written_.from == written_.end;
            written_.from = first ? address : std::min(written_.from, address);
            written_.end = first ? address + memory_bytes : std::max(written_.end, address + memory_bytes);
        }
        if (file_bytes == 0) continue;
        if (offset > file_.size() || file_bytes > file_.size() - offset)
            throw InputError("a segment of the ELF file reaches over its end");
        if (flash >= addresses || address >= addresses || memory_bytes >= addresses || file_bytes >= addresses)
            throw InputError("the ELF file names addresses above 4 GB");
        segments_.push_back({offset, static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(flash),
                             static_cast<std::uint32_t>(file_bytes), static_cast<std::uint32_t>(memory_bytes)});
    }
}

std::vector<ElfFile::SectionHeader> ElfFile::section_headers() const {
    const std::uint64_t table = wide_ ? number<std::uint64_t>(file_, 40) : number<std::uint32_t>(file_, 32);
    const auto entry_bytes = number<std::uint16_t>(file_, wide_ ? 58 : 46);
    const auto count = number<std::uint16_t>(file_, wide_ ? 60 : 48);
    if (count == 0 || table == 0) return {};
    if (entry_bytes < (wide_ ? 64 : 40) || table > file_.size())
        throw InputError("the section headers of the ELF file are damaged");
    std::vector<SectionHeader> headers;
    for (std::uint64_t k = 0; k < count; ++k) {
        const std::uint64_t at = table + k * entry_bytes;
        const auto field = [&](std::uint64_t narrow_at, std::uint64_t wide_at) {
            return wide_ ? number<std::uint64_t>(file_, at + wide_at) : number<std::uint32_t>(file_, at + narrow_at);
        };
        headers.push_back({.offset = field(16, 24),
                           .bytes = field(20, 32),
                           .flags = field(8, 8),
                           .entry_bytes = field(36, 56),
                           .name = number<std::uint32_t>(file_, at),
                           .type = number<std::uint32_t>(file_, at + 4),
                           .link = number<std::uint32_t>(file_, at + (wide_ ? 40 : 24))});
    }
    return headers;
}

Bytes ElfFile::content(const SectionHeader& section) const {
    if (section.offset > file_.size() || section.bytes > file_.size() - section.offset)
        throw InputError("a section of the ELF file reaches over its end");
    return file_.subspan(static_cast<std::size_t>(section.offset), static_cast<std::size_t>(section.bytes));
}

std::vector<ElfSection> ElfFile::sections() const {
    constexpr std::uint32_t no_bits = 8;
    constexpr std::uint64_t allocated = 2;
    const std::vector<SectionHeader> headers = section_headers();
    const auto names = number<std::uint16_t>(file_, wide_ ? 62 : 50);
    std::vector<ElfSection> found;
    if (names >= headers.size()) return found;
    const Bytes table = content(headers[names]);
    for (const SectionHeader& header : headers) {
        if ((header.flags & allocated) == 0 || header.type == no_bits || header.bytes == 0) continue;
        static_cast<void>(content(header));
        found.push_back({text(table, header.name), header.offset, header.bytes});
    }
    return found;
}

std::vector<ElfSymbol> ElfFile::symbols() const {
    constexpr std::uint32_t symbol_table = 2;
    constexpr std::uint16_t arm = 40;
    constexpr unsigned object = 1, function = 2;
    const std::vector<SectionHeader> headers = section_headers();
    std::vector<ElfSymbol> found;
    for (const SectionHeader& header : headers) {
        if (header.type != symbol_table) continue;
        const std::uint64_t entry_bytes = wide_ ? 24 : 16;
        if (header.entry_bytes != entry_bytes || header.link >= headers.size())
            throw InputError("the symbol table of the ELF file is damaged");
        const Bytes table = content(header), names = content(headers[header.link]);
        for (std::size_t at = 0; table.size() - at >= entry_bytes; at += entry_bytes) {
            const Bytes entry = table.subspan(at);
            const unsigned type = entry[wide_ ? 4 : 12] & 15U;
            const auto section = load_le<std::uint16_t>(entry, wide_ ? 6 : 14);
            const std::uint64_t bytes = wide_ ? load_le<std::uint64_t>(entry, 16) : load_le<std::uint32_t>(entry, 8);
            if ((type != object && type != function) || section == 0 || bytes == 0) continue;
            std::uint64_t address = wide_ ? load_le<std::uint64_t>(entry, 8) : load_le<std::uint32_t>(entry, 4);
            if (machine_ == arm && type == function) address &= ~std::uint64_t{1};
            found.push_back({text(names, load_le<std::uint32_t>(entry)), address, bytes, type == function});
        }
    }
    return found;
}

}  // namespace sb::diff
