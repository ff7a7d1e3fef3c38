#include "sim/prove/slot_form.hpp"

#include <algorithm>

namespace sb::prove {

namespace {
// What stands for content that is no part of an image; which flags are set in a ruin is added.
constexpr std::uint64_t blank = 1;
constexpr std::uint64_t ruin = 2;
}  // namespace

void SlotForm::add_image(Bytes image) {
    for (std::size_t at = 0; at < image.size(); at += block_bytes) {
        const Bytes part = image.subspan(at, std::min<std::size_t>(block_bytes, image.size() - at));
        padded_.assign(part.begin(), part.end());
        padded_.resize(block_bytes, geometry_.erased);
        parts_.add(sim::fingerprint(Bytes(padded_)), true);
    }
}

Fingerprint SlotForm::of_bytes(Bytes bytes) {
    if (std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == geometry_.erased; }))
        return sim::fingerprint(blank, {});
    padded_.assign(bytes.begin(), bytes.end());
    padded_.resize((bytes.size() + block_bytes - 1) / block_bytes * block_bytes, geometry_.erased);
    Fingerprint all;
    for (std::size_t at = 0; at < padded_.size(); at += block_bytes) {
        const Fingerprint part = sim::fingerprint(Bytes(padded_).subspan(at, block_bytes));
        if (parts_.find(part) == nullptr) return sim::fingerprint(ruin, {});
        all = sim::fingerprint(part.low, sim::fingerprint(part.high, all));
    }
    return all;
}

Fingerprint SlotForm::look_at(const sim::FlashContent& content, std::uint32_t block) {
    const std::uint32_t granules = block_bytes / geometry_.granule;
    const auto any = [&](const sim::Flags& flags) {
        const auto first = flags.begin() + block * granules;
        return std::find(first, first + granules, 1) != first + granules;
    };
    const bool torn = any(content.torn);
    const bool unreadable = any(content.unreadable);
    const bool programmed = any(content.programmed);
    const Bytes cells = Bytes(content.cells).subspan(std::size_t{block} * block_bytes, block_bytes);
    const Fingerprint seen = of_bytes(cells);
    if (!torn && !unreadable && seen != sim::fingerprint(ruin, {})) return sim::fingerprint(programmed ? 1U : 0U, seen);
    // Some may be programmed once more with the same bytes, some must not be touched, some cannot be read.
    const auto first = content.programmed.begin() + block * granules;
    const auto whole = std::mismatch(first, first + granules, content.torn.begin() + block * granules).first;
    return sim::fingerprint(ruin << 8 | (torn ? 1U : 0U) | (unreadable ? 2U : 0U) |
                                (whole != first + granules ? 4U : 0U) | (programmed ? 8U : 0U),
                            {});
}

Fingerprint SlotForm::of_block(const sim::FlashContent& content, std::uint32_t block, const Fingerprint& raw) {
    if (const Fingerprint* const known = known_.find(raw)) return *known;
    const Fingerprint form = look_at(content, block);
    known_.add(raw, form);
    return form;
}

}  // namespace sb::prove
