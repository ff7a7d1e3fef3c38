// Defaults of what a board may do without.
#include "ports/port.hpp"

namespace sb::port {

[[gnu::weak]] void protect(const Board& /*board*/, Locks /*locks*/) {}

[[gnu::weak]] void start_watchdog() {}

[[gnu::weak]] void kick_watchdog() {}

[[gnu::weak]] Supply* supply() {
    return nullptr;
}

[[gnu::weak]] std::uint32_t hardware_floor() {
    return 0;
}

[[gnu::weak]] MutableBytes load_area() {
    return {};
}

}  // namespace sb::port
