#include "sim/device/device.hpp"

namespace sb::sim {

Installation::Installation(Device& device)
    : facts_(device.install_device(device.running() ? device.running()->slot : std::nullopt)),
      journal_(device.map().journal) {
    [[maybe_unused]] const Result<void> opened =
        journal_.open();  // a lost journal is the default state; the session copes with it
    session_.emplace(facts_, journal_, device.work());
}

BootloaderInstallation::BootloaderInstallation(Device& device, SlotId running)
    : facts_(device.bootloader_install_device(running)), update_(facts_, records_, device.work()) {}

std::uint64_t Installation::accepted_bytes() const {
    if (!session_->package()) return 0;
    if (session_->complete()) return session_->package_bytes();
    const Package& package = *session_->package();
    const InstallState& state = journal_.state().install;
    if (state.package != package.id) return 0;
    // The chain of a reverse patch comes first, and its blocks are numbered from where the others end.
    const bool keeps = package.payload.reverse && state.next_block >= package.payload.blocks();
    if (state.output_bytes == 0 && (keeps || !package.payload.reverse)) return 0;
    const std::uint32_t block = state.next_block - (keeps ? package.payload.blocks() : 0);
    return session_->package_bytes() - package.chains_bytes + (keeps ? 0 : package.chain_from) +
           std::uint64_t{block} * (package.payload.block_bytes + sizeof(BlockDigest));
}

}  // namespace sb::sim
