#include "bench/cost/elf_file.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace sb::cost {
namespace {

using FileBytes = std::vector<std::uint8_t>;

[[noreturn]] void refuse(const std::filesystem::path& path, const char* why) {
    throw std::runtime_error(path.string() + ": " + why);
}

/// The record of type T at `offset`. Throws std::out_of_range.
template <class T>
T record_at(const FileBytes& file, std::size_t offset) {
    if (offset > file.size() || file.size() - offset < sizeof(T))
        throw std::out_of_range("an ELF file that is cut off");
    T record;
    std::memcpy(&record, file.data() + offset, sizeof record);
    return record;
}

std::string text_at(const FileBytes& file, std::size_t offset) {
    if (offset >= file.size()) throw std::out_of_range("an ELF file that is cut off");
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(offset);
    return {begin, std::find(begin, file.end(), std::uint8_t{0})};
}

std::string demangled(const std::string& name) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                       std::free);
    return plain ? plain.get() : name;
}

}  // namespace

ElfFile::ElfFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) refuse(path, "cannot be read");
    const FileBytes file{std::istreambuf_iterator<char>(in), {}};
    const auto header = record_at<Elf32_Ehdr>(file, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
        header.e_machine != EM_ARM)
        refuse(path, "not a program for a 32-bit Arm");

    std::vector<Elf32_Shdr> all;
    for (std::size_t i = 0; i < header.e_shnum; ++i)
        all.push_back(record_at<Elf32_Shdr>(file, header.e_shoff + i * sizeof(Elf32_Shdr)));
    const std::size_t names = all.at(header.e_shstrndx).sh_offset;
    for (const Elf32_Shdr& section : all) {
        if ((section.sh_flags & SHF_ALLOC) != 0 && section.sh_size != 0) {
            Section kept{text_at(file, names + section.sh_name), section.sh_addr, {}, section.sh_size};
            if (section.sh_type == SHT_PROGBITS) {
                if (section.sh_offset > file.size() || file.size() - section.sh_offset < section.sh_size)
                    refuse(path, "cut off");
                const auto begin = file.begin() + static_cast<std::ptrdiff_t>(section.sh_offset);
                kept.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(section.sh_size));
            }
            sections_.push_back(std::move(kept));
        }
        if (section.sh_type != SHT_SYMTAB) continue;
        const std::size_t strings = all.at(section.sh_link).sh_offset;
        for (std::size_t at = 0; at + sizeof(Elf32_Sym) <= section.sh_size; at += sizeof(Elf32_Sym)) {
            const auto symbol = record_at<Elf32_Sym>(file, section.sh_offset + at);
            const std::string name = text_at(file, strings + symbol.st_name);
            symbols_.push_back({name, symbol.st_value, symbol.st_size});
            if (ELF32_ST_TYPE(symbol.st_info) == STT_FUNC)  // bit 0 says Thumb
                functions_.push_back({demangled(name), symbol.st_value & ~1U, symbol.st_size});
        }
    }
    std::ranges::sort(functions_, {}, &Symbol::address);
}

std::uint32_t ElfFile::address_of(const std::string& name) const {
    const auto found = std::ranges::find(symbols_, name, &Symbol::name);
    if (found == symbols_.end()) throw std::runtime_error("the guest has no symbol " + name);
    return found->address;
}

std::string ElfFile::function_at(std::uint32_t address) const {
    const auto after = std::ranges::upper_bound(functions_, address, {}, &Symbol::address);
    return after == functions_.begin() ? "?" : std::prev(after)->name;
}

Section ElfFile::section(const std::string& name) const {
    const auto found = std::ranges::find(sections_, name, &Section::name);
    return found == sections_.end() ? Section{} : *found;
}

}  // namespace sb::cost
