// bench/cost: what is needed of a 32-bit little-endian ELF program: its bytes in memory and its symbols.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sb::cost {

struct Section {
    std::string name;
    std::uint32_t address = 0;
    std::vector<std::uint8_t> bytes;  ///< empty where the program says nothing: .bss
    std::uint32_t size = 0;
};

struct Symbol {
    std::string name;  ///< demangled
    std::uint32_t address;
    std::uint32_t size;
};

class ElfFile {
public:
    /// Throws std::runtime_error when the file is none, or not for a 32-bit Arm.
    explicit ElfFile(const std::filesystem::path& path);

    [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }   ///< those in memory
    [[nodiscard]] const std::vector<Symbol>& functions() const { return functions_; }  ///< by address
    /// Throws std::runtime_error when there is no symbol `name` (as the linker has it).
    [[nodiscard]] std::uint32_t address_of(const std::string& name) const;
    /// The function that `address` lies in; "?" when in none.
    [[nodiscard]] std::string function_at(std::uint32_t address) const;
    /// Empty when there is none.
    [[nodiscard]] Section section(const std::string& name) const;

private:
    std::vector<Section> sections_;
    std::vector<Symbol> functions_;
    std::vector<Symbol> symbols_;
};

}  // namespace sb::cost
