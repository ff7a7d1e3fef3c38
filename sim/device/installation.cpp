#include <algorithm>
#include <array>

#include "core/delta/all_decoders.hpp"
#include "sim/device/device.hpp"

namespace sb::sim {
namespace {

std::uint32_t largest_decoder(const layout::Layout& layout) {
    std::uint32_t largest = 0;
    for (const DecoderOffer& offer : layout.decoders) largest = std::max(largest, offer.ram_bytes);
    return largest;
}

}  // namespace

Installation::Installation(Device& device)
    : facts_{.map = device.map(),
             .crypto = device.crypto(),
             .keys = device.keys(),
             .vendor = device.identity().vendor,
             .device_class = device.identity().device_class,
             .decoders = all_decoders,  // the layout says which of them the device offers
             .offers = device.layout().decoders,
             .max_block_bytes = device.layout().max_block_bytes,
             .tries = device.layout().tries,
             .allow_downgrade = device.layout().allow_downgrade},
      work_((install_work_bytes(device.layout().max_block_bytes, largest_decoder(device.layout())) + 7) / 8),
      journal_(device.map().journal) {
    [[maybe_unused]] const Result<void> opened =
        journal_.open();  // a lost journal is the default state; the session copes with it
    facts_.supply = &device.battery();
    facts_.running = device.running() ? device.running()->slot : std::nullopt;
    const MutableBytes work(reinterpret_cast<std::uint8_t*>(work_.data()), work_.size() * sizeof(std::uint64_t));
    session_.emplace(facts_, journal_, work);
}

std::uint64_t Installation::accepted_bytes() const {
    if (!session_->package()) return 0;
    if (session_->complete()) return session_->package_bytes();
    const Package& package = *session_->package();
    const InstallState& state = journal_.state().install;
    if (state.package != package.id || state.output_bytes == 0) return 0;
    return session_->package_bytes() - package.chains_bytes + package.chain_from +
           std::uint64_t{state.next_block} * (package.payload.block_bytes + sizeof(BlockDigest));
}

}  // namespace sb::sim
