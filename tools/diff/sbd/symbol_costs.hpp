// tools/diff/sbd: which functions and data objects the bits of an sbd patch went to, by the symbol tables of the ELF
// files that the two images came from.
#pragma once

#include <string>

#include "tools/diff/sbd/explain.hpp"

namespace sb::diff {

enum class Part : std::uint8_t {
    function,
    object,
    section,   ///< bytes of a section that no symbol has
    between,   ///< bytes of the image that no section has: alignment
    not_elf,   ///< bytes of the image that the ELF file does not hold, such as a header
    preamble,  ///< of the patch: no bytes of the image
    coder      ///< of the patch: lengths of segments, ends and rounding of coders
};

enum class Change : std::uint8_t {
    none,       ///< the same bytes as the old symbol's
    addresses,  ///< as long as the old one, and differs in address fields only
    changed,
    added,         ///< no old symbol is known
    not_compared,  ///< no symbol
};

struct SymbolCost {
    std::string name{};  ///< demangled
    Part part = Part::function;
    Change change = Change::not_compared;
    std::string was{};       ///< the old symbol's name where it is another one
    std::int64_t moved = 0;  ///< bytes from the old symbol's place in the image to the new one's
    std::uint64_t bytes = 0;
    double bits = 0;
    double jump_bits = 0;   ///< of them, for jumps
    double field_bits = 0;  ///< of them, in address fields, without jumps
};

struct SymbolCosts {
    std::vector<SymbolCost> costs;  ///< the most expensive first; their bits sum to the patch, their bytes to the image
    /// What would be saved, at an estimate, if all symbols that did not change but for addresses had kept their place
    /// and what they name had, too: their bits of jumps and address fields, less what as many bytes outside of fields
    /// took that were as predicted.
    double pinned_bits = 0;
    std::uint64_t pinned_symbols = 0;  ///< how many these are
};

/// Requires: explained.with_old. Throws InputError when an ELF file is damaged, has no symbols, or is not the one that
/// its image came from.
[[nodiscard]] SymbolCosts symbol_costs(const SbdExplanation& explained, Bytes old, Bytes old_elf, Bytes new_elf);

}  // namespace sb::diff
