// sim/prove: `switchback sim prove`: everything that can happen to a small device of one scheme.
//
//   ExploreReport report = prove(small_board(Scheme::swap), {.cuts = 2});
//   report.complete && report.objection.empty()   // every state was seen, and none breaks a promise
#pragma once

#include "sim/prove/device_explorer.hpp"

namespace sb::prove {

/// The smallest device on which everything still happens: slots of two units, images that fill them.
[[nodiscard]] sim::BoardSpec small_board(Scheme scheme);
/// The same with the physics of another board: granule, ECC, erased value, tries.
[[nodiscard]] sim::BoardSpec small_board(const sim::BoardSpec& like);

/// Explores one device to its end, or to the first objection. Throws std::exception when images cannot be made.
[[nodiscard]] ExploreReport prove(const sim::BoardSpec& board, const ExploreOptions& options);

}  // namespace sb::prove
