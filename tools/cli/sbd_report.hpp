// tools/cli: an sbd patch explained: what its preamble tells; with the old image, where each bit went; with the ELF
// files, which functions and data took them. Field names of the JSON: docs/inspect-sbd.md.
#pragma once

#include <optional>
#include <string>

#include "tools/cli/shell.hpp"
#include "tools/diff/sbd/symbol_costs.hpp"

namespace sb::cli {

struct SbdReport {
    std::string path;
    std::uint64_t patch_bytes = 0;
    diff::SbdExplanation explained{};
    std::optional<diff::SymbolCosts> symbols{};
};

[[nodiscard]] Json sbd_json(const SbdReport& report);
[[nodiscard]] std::string sbd_text(const SbdReport& report);
/// A page that stands by itself: the cover map with the bits of each stretch beside it, and tables.
[[nodiscard]] std::string sbd_page(const SbdReport& report);

}  // namespace sb::cli
