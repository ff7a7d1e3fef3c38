// sim/device: one flash part on disk: its raw cells (NAME.flash, as a programmer would read them) and beside them
// what cells cannot say (NAME.state: weak ranges, what was programmed, wear), as JSON.
#pragma once

#include <string>
#include <vector>

#include "sim/flash/nor_flash.hpp"
#include "tools/pack/problem.hpp"

namespace sb::sim {

/// The second file's text.
[[nodiscard]] std::string part_state_text(const FlashContent& content);

/// Puts both files back together. `state` may be empty: every granule that is not blank then counts as programmed,
/// which is also done for granules that differ from blank although the state does not know them (a dump put there by
/// hand). Errors: bad_input when a file does not fit `flash`. `where` names the directory in problems.
[[nodiscard]] pack::Outcome<void> restore_part(NorFlash& flash, std::vector<std::uint8_t> cells,
                                               const std::string& state, const std::string& where);

}  // namespace sb::sim
