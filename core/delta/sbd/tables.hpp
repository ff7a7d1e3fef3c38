// core/delta/sbd: memory that is shared out by the preamble of a patch.
#pragma once

#include "core/delta/sbd/address_map.hpp"
#include "core/delta/sbd/history.hpp"

namespace sb::sbd {

struct Tables {
    std::span<History> hit_cells;
    std::span<History> byte_cells;
    AddressMap map;
};

}  // namespace sb::sbd
