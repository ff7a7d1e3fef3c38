// A board's program knows its layout when it is compiled.
#include "core/flash/made_for.hpp"
#include "generated/board.hpp"
#include "ports/port.hpp"

namespace sb::made_for {

static_assert(!board::bootloader_updatable, "a session for the bootloader's packages has a map of its own");

Scheme scheme(Scheme /*said*/) {
    return board::scheme;
}

bool golden(bool /*said*/) {
    return board::has_golden;
}

bool one_address(bool /*said*/) {
    return board::remap || board::scheme != Scheme::xip;
}

bool low_battery(bool said) {
    return port::supply() != nullptr && said;
}

}  // namespace sb::made_for
