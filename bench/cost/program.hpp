// bench/cost: a guest as the machine needs it: its code, where its functions are, and where the host finds what.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sb::cost {

inline constexpr std::uint32_t code_bytes = 1 << 20;  // from address 0, as guest.ld has it

struct Symbol {
    std::string name;
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
};

class Program {
public:
    /// Throws std::runtime_error when the file is no program whose code lies where guest.ld puts it.
    explicit Program(const std::filesystem::path& path);

    [[nodiscard]] const std::vector<std::uint8_t>& code() const { return code_; }  ///< code_bytes long
    /// `name` as the linker has it. Throws std::runtime_error when there is none.
    [[nodiscard]] const Symbol& symbol(const std::string& name) const;
    /// The name of the function that `address` lies in, demangled; "?" when in none.
    [[nodiscard]] std::string function_at(std::uint32_t address) const;
    /// Whether the C library or the compiler gives the function at `address`.
    [[nodiscard]] bool is_helper(std::uint32_t address) const;

private:
    [[nodiscard]] const Symbol* find_function(std::uint32_t address) const;

    std::vector<std::uint8_t> code_;
    std::vector<Symbol> symbols_;    // all
    std::vector<Symbol> functions_;  // by address
};

}  // namespace sb::cost
