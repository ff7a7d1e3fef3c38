#include "core/install/bootloader_update.hpp"

#include "core/stage0/seal.hpp"

namespace sb {

namespace {

/// What a device tells of itself whose copy `running` is in use: nothing is under way, and no older one is taken.
Journal& with_state(Journal& journal, const InstallDevice& device) {
    [[maybe_unused]] const Result<void> opened = journal.open();  // empty
    State state;
    state.boot.layout_crc = device.map.layout_crc;
    state.boot.active = *device.running;
    state.boot.set_confirmed(*device.running, true);
    // It fails where `records` are too few: then no package is taken.
    [[maybe_unused]] const Result<void> written = journal.commit(state);
    return journal;
}

}  // namespace

FlashMap bootloader_map(const BootloaderCopies& copies, const std::array<std::uint32_t, 2>& addresses,
                        std::uint32_t header_bytes, bool cortex_m) {
    FlashMap map;
    for (std::size_t i = 0; i < slot_count; ++i) map.slots[i] = {copies[i], addresses[i]};
    map.scheme = Scheme::xip;
    map.remap = false;
    map.header_bytes = header_bytes;
    map.cortex_m = cortex_m;
    return map;
}

BootloaderUpdate::BootloaderUpdate(const InstallDevice& device, MutableBytes records, MutableBytes work)
    : device_(device),
      records_(records, bootloader_records_bytes / journal_pages),
      journal_(Region(records_, 0, records_.geometry().bytes)),
      session_(device, with_state(journal_, device), work) {}

Result<std::uint64_t> BootloaderUpdate::write(std::uint64_t offset, Bytes data) {
    // The envelope byte by byte: no block is to come in before the seals are gone, nor where it would reach them.
    for (; !session_.package() && !data.empty(); data = data.subspan(1), ++offset)
        SB_TRY(session_.write(offset, data.first(1)));
    if (!session_.package() || data.empty() || complete()) return session_.next_offset();
    SB_TRY(session_.write(offset, {}));  // one that was refused has its package, too
    const Region& to = copy(target());
    if (session_.package()->manifest.image_bytes > to.bytes() - seals_bytes(to)) return fail(Error::too_large);
    if (!unsealed_) {
        SB_TRY_ASSIGN(const Seal own, prove_seal(copy(*device_.running)));
        number_ = own.number + 1;
        SB_TRY(unseal(to));
    }
    unsealed_ = true;
    return session_.write(offset, data);
}

Result<void> BootloaderUpdate::seal() {
    if (!complete() || !unsealed_) return fail(Error::bad_state);
    unsealed_ = false;
    return sb::seal(copy(target()), number_, session_.package()->manifest.image_bytes);
}

}  // namespace sb
