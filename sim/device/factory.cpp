#include <algorithm>
#include <array>

#include "core/install/slot_writer.hpp"
#include "core/stage0/seal.hpp"
#include "sim/device/device.hpp"

namespace sb::sim {
namespace {

Result<void> program(const Region& slot, Bytes image) {
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter writer(slot, stage);
    SB_TRY(writer.start(static_cast<std::uint32_t>(image.size()), 0));
    while (!image.empty()) {
        const MutableBytes room = writer.room();
        const std::size_t n = std::min(room.size(), image.size());
        copy(room, image.first(n));
        SB_TRY(writer.advance(n));
        image = image.subspan(n);
    }
    return {};
}

/// `image` without what follows its last TLV. Errors: those of the image's verification and of check_fit.
Result<Bytes> image_to_write(Device& device, const FlashMap& map, SlotId slot, Bytes image) {
    MemoryReader reader(image);
    std::array<std::uint8_t, 1024> scratch{};
    SB_TRY_ASSIGN(const VerifiedImage verified, verify_image(reader, device.crypto(), device.keys(), scratch));
    SB_TRY(check_fit(map, slot, verified.info));
    return image.first(verified.info.total_bytes);
}

}  // namespace

Result<void> write_golden_image(Device& device, Bytes image) {
    if (!device.map().golden.valid()) return fail(Error::bad_state);
    SB_TRY_ASSIGN(const Bytes whole, image_to_write(device, device.map(), SlotId::golden, image));
    return program(device.map().golden, whole);
}

Result<void> write_bootloader(Device& device, Bytes image) {
    if (device.bootloader_map() == nullptr) return fail(Error::bad_state);
    const Region& copy = device.bootloader_map()->slots[0].region;
    SB_TRY_ASSIGN(const Bytes whole, image_to_write(device, *device.bootloader_map(), SlotId::a, image));
    if (whole.size() > copy.bytes() - seals_bytes(copy)) return fail(Error::too_large);
    SB_TRY(unseal(copy));
    SB_TRY(program(copy, whole));
    return seal(copy, 1, static_cast<std::uint32_t>(whole.size()));
}

Result<void> write_factory_image(Device& device, Bytes image) {
    State state;
    state.boot.layout_crc = device.map().layout_crc;
    if (!image.empty()) {
        SB_TRY_ASSIGN(const Bytes whole, image_to_write(device, device.map(), SlotId::a, image));
        SB_TRY(program(device.map().slot(SlotId::a).region, whole));
        SB_TRY_ASSIGN(const VerifiedImage written, device.check(SlotId::a));
        state.boot.confirmed_a = true;
        state.boot.active_digest = shorten(written.digest);
        state.boot.security_floor = written.info.security_counter.value_or(0);
    }
    Journal journal(device.map().journal);
    if (const Result<void> opened = journal.open(); !opened && opened.error() != Error::journal_lost) return opened;
    return journal.commit(state);
}

}  // namespace sb::sim
