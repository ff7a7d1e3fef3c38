#include "core/stage0/stage0.hpp"

#include "core/stage0/seal.hpp"

namespace sb {

std::optional<SlotId> choose_bootloader(const BootloaderCopies& copies) {
    const std::array<std::optional<Seal>, slot_count> seals = {read_seal(copies[0]), read_seal(copies[1])};
    const bool b_first = seals[1] && (!seals[0] || seals[1]->number > seals[0]->number);
    for (const SlotId copy : {b_first ? SlotId::b : SlotId::a, b_first ? SlotId::a : SlotId::b}) {
        const std::optional<Seal>& seal = seals[index_of(copy)];
        if (seal && image_matches(copies[index_of(copy)], *seal)) return copy;
    }
    return std::nullopt;
}

}  // namespace sb
