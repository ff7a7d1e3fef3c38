// sim/prove: the normal form of what stands in the slots. The boot code asks of a unit whether it verifies as a part of
// an image; what verifies as nothing is erased before it is written, so one ruin is as good as another.
#pragma once

#include "sim/flash/nor_flash.hpp"
#include "sim/powercut/fingerprint_map.hpp"

namespace sb::prove {

using sim::Fingerprint;

class SlotForm {
public:
    static constexpr std::uint32_t block_bytes = sim::ContentFingerprint::block_bytes;

    explicit SlotForm(const sim::NorFlash& flash) : geometry_(flash.geometry()) {}
    /// Requires: a multiple of block_bytes is written to a slot at a time, or the rest of the image.
    void add_image(Bytes image);

    /// Of one block, whose own fingerprint is `raw`.
    [[nodiscard]] Fingerprint of_block(const sim::FlashContent& content, std::uint32_t block, const Fingerprint& raw);
    /// What weak cells may read as.
    [[nodiscard]] Fingerprint of_bytes(Bytes bytes);

private:
    [[nodiscard]] Fingerprint look_at(const sim::FlashContent& content, std::uint32_t block);

    const Geometry& geometry_;
    sim::FingerprintMap<bool> parts_;  // of images: blocks, filled up with erased bytes
    sim::FingerprintMap<Fingerprint> known_;
    std::vector<std::uint8_t> padded_;
};

}  // namespace sb::prove
