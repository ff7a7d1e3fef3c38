#include "core/flash/made_for.hpp"

namespace sb::made_for {

[[gnu::weak]] Scheme scheme(Scheme said) {
    return said;
}

[[gnu::weak]] bool golden(bool said) {
    return said;
}

[[gnu::weak]] bool one_address(bool said) {
    return said;
}

[[gnu::weak]] bool undoing(bool said) {
    return said;
}

[[gnu::weak]] bool low_battery(bool said) {
    return said;
}

}  // namespace sb::made_for
