// The part's moments: what the checker comes back to, and how it tells that two of them are the same.
#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

std::size_t NorFlash::unit_index(std::uint32_t offset) const {
    std::size_t index = 0;
    std::uint32_t start = 0;
    for (const EraseRun& run : erase_map_) {
        const std::uint32_t run_bytes = run.units * run.unit_bytes;
        if (offset - start < run_bytes) return index + (offset - start) / run.unit_bytes;
        start += run_bytes;
        index += run.units;
    }
    return index;
}

NorFlash::Moment NorFlash::moment() {
    remembers_ = true;
    return {.undo = undo_.size(),
            .weak = content_.weak,
            .random = random_,
            .erases = content_.erases,
            .programs = content_.programs,
            .programmed_bytes = content_.programmed_bytes,
            .any_unreadable = any_unreadable_,
            .locks = locks_};
}

void NorFlash::go_back(const Moment& moment) {
    undo_.rewind(moment.undo, content_, geometry_.granule,
                 [this](std::uint32_t offset, std::uint32_t bytes) { content_fingerprint_.touch(offset, bytes); });
    if (!content_.weak.empty() || !moment.weak.empty()) content_.weak = moment.weak;
    random_ = moment.random;
    content_.erases = moment.erases;
    content_.programs = moment.programs;
    content_.programmed_bytes = moment.programmed_bytes;
    any_unreadable_ = moment.any_unreadable;
    power_on();
    locks_ = moment.locks;
}

NorFlash::WeakState NorFlash::weak_state() const {
    WeakState state{.random = random_};
    for (const auto& [offset, weak] : content_.weak) state.flips.push_back(weak.flip);
    return state;
}

void NorFlash::set_weak_state(const WeakState& state) {
    random_ = state.random;
    std::size_t i = 0;
    for (auto& [offset, weak] : content_.weak)
        if (i < state.flips.size()) weak.flip = state.flips[i++];
}

void NorFlash::settle_weak_reads(WeakReads from, WeakReads to) {
    for (auto& [offset, weak] : content_.weak)
        if (weak.reads == from) weak.reads = to;
}

void NorFlash::note_answer(std::uint32_t offset, Bytes answer, bool readable) {
    if (!traces_) return;
    trace_ = fingerprint(readable ? 1U : 0U, trace_);
    // A whole block without weak cells answers what its own fingerprint says, which is at hand.
    constexpr std::uint32_t block = ContentFingerprint::block_bytes;
    const bool at_hand = answer.size() == block && offset % block == 0 &&
                         (content_.weak.empty() || first_weak(offset, offset + block) == content_.weak.end());
    if (!at_hand) {
        trace_ = fingerprint(answer, trace_);
        return;
    }
    const Fingerprint known = content_fingerprint_.of_block(content_, offset / block);
    trace_ = fingerprint(known.low, fingerprint(known.high, trace_));
}

Fingerprint NorFlash::content_fingerprint() {
    Fingerprint f = content_fingerprint_.of(content_);
    for (const auto& [offset, weak] : content_.weak) {
        f = fingerprint(offset, f);
        f = fingerprint(static_cast<std::uint64_t>(weak.reads) << 1 | (weak.flip ? 1U : 0U), f);
        f = fingerprint(weak.was, f);
        f = fingerprint(weak.became, f);
        // The dice decide only how such cells read.
        if (weak.reads == WeakReads::random) f = fingerprint(random_, f);
    }
    return f;
}

}  // namespace sb::sim
