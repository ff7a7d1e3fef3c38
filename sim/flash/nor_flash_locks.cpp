// What may not be written until the next reset: the part refuses it, and remembers that somebody tried.
#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

void NorFlash::lock(std::uint32_t offset, std::uint32_t bytes, const char* name) {
    if (bytes != 0) locks_.ranges.at(locks_.count++) = {offset, bytes, name};
}

const NorFlash::Locked::Range* NorFlash::locked_in(std::uint32_t offset, std::size_t bytes) const {
    for (std::size_t i = 0; i < locks_.count; ++i) {
        const Locked::Range& range = locks_.ranges[i];
        if (offset < range.offset + range.bytes && range.offset < offset + bytes) return &range;
    }
    return nullptr;
}

std::unexpected<Error> NorFlash::broken_lock(const char* operation, std::uint32_t offset, const Locked::Range& range) {
    return broken_rule(std::string(operation) + " at " + std::to_string(offset) + ", in " + range.name +
                       ", which is locked until the next reset");
}

}  // namespace sb::sim
